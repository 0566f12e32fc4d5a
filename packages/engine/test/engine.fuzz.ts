import { randomBytes, randomInt } from 'node:crypto';
import { eventually, turns } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { clientFrame, RawSocket, rawSocket, upgradeRequest } from './support/raw-socket.js';
import { ask, type RawServer, rawServer } from './support/raw-wire.js';

const forMs = 10_000;

/** A server, somebody who must be served all the time, and the exceptions that would have ended the process. */
async function underFire() {
  const server = await rawServer({
    maxMessages: 0,
    maxFrameBytes: 4096,
    maxFragments: 16,
    maxQueuedBytes: 100_000,
    engine: { maxConnectsPerIpPerMinute: 1_000_000, maxConnections: 100_000, maxConnectionsPerIp: 100_000 },
  });
  const witness = await server.member('hall');
  const escaped: unknown[] = [];
  const escape = (error: unknown) => void escaped.push(error);
  process.on('uncaughtException', escape);
  process.on('unhandledRejection', escape);
  const calm = async () => {
    await eventually(() => server.engine.stats().sessions === 1, 'the attackers’ places to be free');
    process.off('uncaughtException', escape);
    process.off('unhandledRejection', escape);
    expect(escaped).toEqual([]);
    expect(server.engine.stats()).toMatchObject({ queuedBytes: 0, blockedSessions: 0 });
    expect(server.mount.stats()).toMatchObject({ sessions: 1, rooms: 1 });
  };
  return { server, witness, calm };
}

async function witnessed(server: RawServer, witness: Awaited<ReturnType<RawServer['member']>>, round: number) {
  expect(await ask(witness, { t: 'echo', data: round })).toEqual({ t: 'echo', data: round });
  server.mount.publish('news', { rooms: ['hall'], data: round });
  expect(await witness.nextJson()).toEqual({ t: 'event', data: round });
}

/** Runs rounds of attacks for as long as one test may take. */
async function fire(attack: (round: number) => Promise<RawSocket>, after: (round: number) => Promise<void>) {
  const end = performance.now() + forMs;
  const sockets: RawSocket[] = [];
  let round = 0;
  for (; performance.now() < end; round++) {
    sockets.push(await attack(round));
    if (round % 20 === 19) {
      await turns(3);
      for (const socket of sockets.splice(0)) {
        if (randomInt(2) === 0) socket.destroy();
        else socket.socket.resetAndDestroy();
      }
      await after(round);
    }
  }
  for (const socket of sockets) socket.destroy();
  expect(round).toBeGreaterThan(100);
}

const requests = [
  '{"t":"join","room":"hall"}',
  '{"t":"join","room":"x"}',
  '{"t":"leave","room":"hall"}',
  '{"t":"echo","data":"x"}',
  '{"t":"publish","topic":"news","event":{"rooms":["x"],"data":1}}',
];

/** A frame that is valid, nearly valid, or nothing of the kind. */
function anyFrame(): Buffer {
  const kind = randomInt(8);
  if (kind === 0) return randomBytes(randomInt(1, 200));
  if (kind === 1) return clientFrame(randomInt(16), randomBytes(randomInt(130)), randomInt(2) === 0);
  if (kind === 2) return clientFrame(1, 'x'.repeat(randomInt(4000, 4200)));
  const frame = clientFrame(1, requests[randomInt(requests.length)] as string);
  if (kind === 3) frame[randomInt(frame.length)] = randomInt(256);
  if (kind === 4) return frame.subarray(0, randomInt(frame.length));
  return frame;
}

it('bytes of every kind after a handshake end at most their own session', { timeout: 60_000 }, async () => {
  const { server, witness, calm } = await underFire();
  await fire(
    async (round) => {
      const frames = Array.from({ length: randomInt(1, 12) }, anyFrame);
      const [early, ...rest] = frames as [Buffer, ...Buffer[]];
      const socket = rawSocket({ port: server.port, path: `/raw?id=${round % 50}`, early });
      for (const frame of rest) {
        if (randomInt(3) === 0) await turns(1);
        socket.write(frame);
      }
      if (randomInt(4) === 0) socket.socket.pause();
      return socket;
    },
    (round) => witnessed(server, witness, round),
  );
  await calm();
});

const headerNames = ['Upgrade', 'Connection', 'Host', 'Origin', 'Sec-WebSocket-Key', 'Sec-WebSocket-Version'];
const moreNames = ['Sec-WebSocket-Protocol', 'Sec-WebSocket-Extensions', 'X-Forwarded-For', 'Content-Length', 'Cookie'];
const names = [...headerNames, ...moreNames];
const values = [
  '',
  'websocket',
  'Upgrade',
  '13',
  '8',
  'null',
  'https://evil.example',
  'a,,b',
  'permessage-deflate',
  '::',
  '5',
  '%00',
];
const paths = [
  '/raw',
  '/raw?id=ada',
  '/raw?refuse=403',
  '/raw?refuse=999',
  '/other',
  '//raw',
  '/raw?%',
  '/raw?refuse=x',
  '*',
  'http://h/raw',
];

/** An upgrade request that is valid, nearly valid, or nothing of the kind. */
function anyRequest(): Buffer {
  const headers: Record<string, string> = {};
  for (let count = randomInt(3); count > 0; count--) {
    headers[names[randomInt(names.length)] as string] = values[randomInt(values.length)] as string;
  }
  const bytes = Buffer.from(upgradeRequest(paths[randomInt(paths.length)] as string, headers));
  const kind = randomInt(6);
  if (kind === 0) return randomBytes(randomInt(1, 300));
  if (kind === 1) bytes[randomInt(bytes.length)] = randomInt(256);
  if (kind === 2) return bytes.subarray(0, randomInt(bytes.length));
  if (kind === 3) return Buffer.concat([bytes, randomBytes(randomInt(1, 100))]);
  return bytes;
}

it('requests of every kind are answered or cut off, and take no place for good', { timeout: 60_000 }, async () => {
  const { server, witness, calm } = await underFire();
  await fire(
    async () => {
      const socket = new RawSocket(server.port);
      const bytes = anyRequest();
      if (randomInt(3) > 0) {
        socket.write(bytes);
      } else {
        const middle = randomInt(bytes.length);
        socket.write(bytes.subarray(0, middle));
        await turns(1);
        socket.write(bytes.subarray(middle));
      }
      return socket;
    },
    (round) => witnessed(server, witness, round),
  );
  await calm();
});
