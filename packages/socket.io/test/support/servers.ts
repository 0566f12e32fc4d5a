import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { createEngine, type Engine, type EngineOptions, MemoryBroker } from '@roomcast/engine';
import { eventually, type Listening, listen, next, RecordingLogger } from '@roomcast/testing';
import { type Socket as ClientSocket, io as connect, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { type SocketIo, type SocketIoOptions, socketIo } from '../../src/index.js';

export interface Instance<Event = unknown> extends Listening {
  engine: Engine;
  realtime: SocketIo<Event>;
  logger: RecordingLogger;
  /** The TCP connections that the server has. */
  tcp: ReadonlySet<Socket>;
  /** A client of it, which does not come back by itself unless it is asked to. */
  client(options?: Partial<ManagerOptions & SocketOptions>, namespace?: string): ClientSocket;
}

export async function start<Event = unknown>(
  options: SocketIoOptions<Event> = {},
  engineOptions: EngineOptions = {},
): Promise<Instance<Event>> {
  const logger = new RecordingLogger();
  const engine = createEngine({ logger, ...engineOptions });
  const realtime = socketIo<Event>(engine, options);
  const server = createServer((_request, response) => {
    response.writeHead(404).end('nothing here');
  });
  const tcp = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    tcp.add(socket);
    socket.once('close', () => tcp.delete(socket));
  });
  engine.attach(server);
  realtime.attach(server);
  const listening = await listen(server);
  await Promise.all([engine.ready(), realtime.ready()]);
  onTestFinished(async () => {
    await engine.close();
    await realtime.close();
    await listening.close();
  });
  return {
    ...listening,
    engine,
    realtime,
    logger,
    tcp,
    client(given, namespace = '') {
      const socket = connect(`${listening.http}${namespace}`, {
        path: options.path ?? '/socket.io',
        reconnection: false,
        forceNew: true,
        ...given,
      });
      onTestFinished(() => {
        socket.disconnect();
      });
      return socket;
    },
  };
}

/** Several instances that hear each other, each with an engine of its own. */
export async function startCluster<Event = unknown>(
  count: number,
  options: SocketIoOptions<Event> = {},
  broker = new MemoryBroker(),
): Promise<Instance<Event>[]> {
  const instances: Instance<Event>[] = [];
  for (let index = 0; index < count; index++) {
    instances.push(await start(options, { bus: broker.connect(`instance-${index}`) }));
  }
  await eventually(() => instances.every(({ engine }) => engine.cluster.members.size === count), 'the cluster');
  return instances;
}

export async function connected(socket: ClientSocket): Promise<ClientSocket> {
  if (!socket.connected) await next(socket, 'connect');
  return socket;
}

/** Everything of that name, from now on. */
export function collect<Value>(socket: ClientSocket, event: string): Value[] {
  const values: Value[] = [];
  socket.on(event, (value: Value) => values.push(value));
  return values;
}
