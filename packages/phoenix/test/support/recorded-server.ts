import { createServer } from 'node:http';
import { type Clock, createEngine, type Engine, refuse, silentLogger } from '@roomcast/engine';
import { type Listening, listen } from '@roomcast/testing';
import { type ConnectResult, type Params, type Phoenix, phoenixWire } from '../../src/index.js';
import { recordedChannels } from './recorded-channels.js';

export interface RecordedServer extends Listening {
  engine: Engine;
  socket: Phoenix;
  /** The socket that closes after 2 s without a word. */
  impatient: Phoenix;
}

/** A server with the sockets of the recorded ones, configured as they were. */
export async function recordedServer(clock?: Clock): Promise<RecordedServer> {
  const engine = createEngine({
    logger: silentLogger,
    maxConnectsPerIpPerMinute: 1e9,
    sweepIntervalMs: 50,
    ...(clock && { clock }),
  });
  const mount = (path: string, options: Partial<Parameters<typeof phoenixWire>[1]> = {}): Phoenix => {
    return phoenixWire<unknown>(engine, {
      name: path.slice(1),
      path,
      connect,
      channels: recordedChannels,
      maxFrameBytes: 10_000_000,
      maxMessages: 0,
      origins: ['http://localhost:1234'],
      ...options,
    });
  };
  const socket = mount('/socket');
  mount('/errh', { connect: () => refuse(429, 'Too many requests') });
  mount('/auth', {
    authToken: true,
    connect: (_params, { authToken }) => (authToken === 'my-token' ? { assigns: null } : undefined),
  });
  mount('/zip');
  mount('/small', { maxFrameBytes: 1000 });
  mount('/ch3', { maxChannels: 3 });
  const impatient = mount('/t2', { idleTimeoutMs: 2000 });

  const server = createServer((request, response) => {
    if (!socket.handleRequest(request, response)) response.writeHead(404).end('not found');
  });
  server.on('upgrade', (request, stream, head) => {
    if (!engine.handleUpgrade(request, stream, head)) {
      stream.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 9\r\n\r\nnot found');
    }
  });
  const listening = await listen(server);
  return {
    ...listening,
    engine,
    socket,
    impatient,
    async close() {
      await engine.close();
      await listening.close();
    },
  };
}

function connect({ token }: Params): ConnectResult<unknown> {
  if (token === 'crash') throw new Error('connect crashed');
  if (token === 'disc') return { assigns: null, identity: { id: 'disc' } };
  return token === 'test-token' ? { assigns: null } : undefined;
}
