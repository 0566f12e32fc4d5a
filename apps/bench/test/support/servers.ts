import { createEngine, type Mount, textFrame } from '@roomcast/engine';
import { turns } from '@roomcast/testing';
import { type WebSocket, WebSocketServer } from 'ws';
import { StubSocket, upgradeRequest } from './stub-socket.js';

/** A room on stub sockets. */
export interface StubRoom {
  readonly sockets: readonly StubSocket[];
  publish(event: object): void;
  /** How often an event was turned into bytes. */
  encoded(): number;
}

const limits = { maxConnectionsPerIp: 10_000, maxConnectsPerIpPerMinute: 10_000 };

/** The engine with `members` sessions in one room. */
export async function roomOfOurs(members: number): Promise<StubRoom> {
  const engine = createEngine(limits);
  let encoded = 0;
  const mount: Mount<null, object> = engine.mount<null, object>({
    name: 'guard',
    paths: '/ws',
    pingIntervalMs: 0,
    wire: {
      accept: () => ({ data: null }),
      open: (session) => session.join('room', { topic: 'room' }),
      message() {},
    },
    receive: (event) =>
      mount.deliver(
        { rooms: ['room'] },
        {
          encode() {
            encoded++;
            return textFrame(JSON.stringify(event));
          },
        },
      ),
  });
  const sockets = Array.from({ length: members }, () => new StubSocket());
  for (const socket of sockets) engine.handleUpgrade(upgradeRequest(socket, '/ws'), socket, Buffer.alloc(0));
  await turns(10);
  if (mount.rooms.members('room')?.size !== members) throw new Error('not everybody is in the room');
  for (const socket of sockets) socket.reset();
  return { sockets, publish: (event) => mount.publish('room', event), encoded: () => encoded };
}

/** The loop that everybody writes first. */
export async function roomOfNaive(members: number): Promise<StubRoom> {
  const server = new WebSocketServer({ noServer: true });
  const clients: WebSocket[] = [];
  const sockets = Array.from({ length: members }, () => new StubSocket());
  for (const socket of sockets) {
    server.handleUpgrade(upgradeRequest(socket, '/ws'), socket, Buffer.alloc(0), (client) => clients.push(client));
  }
  await turns(10);
  for (const socket of sockets) socket.reset();
  return {
    sockets,
    publish(event) {
      const text = JSON.stringify(event);
      for (const client of clients) client.send(text);
    },
    encoded: () => 0,
  };
}
