import { createServer } from 'node:http';
import { createEngine, type Engine, type EngineOptions, MemoryBroker } from '@roomcast/engine';
import { jwtVerifier } from '@roomcast/engine/identity';
import { eventually, type Listening, listen, ManualClock, next, RecordingLogger, turns } from '@roomcast/testing';
import { SignJWT } from 'jose';
import { type Socket as ClientSocket, io as connect, type ManagerOptions, type SocketOptions } from 'socket.io-client';
import { onTestFinished } from 'vitest';
import { type SpywatcherGateway, type SpywatcherGatewayOptions, spywatcherGateway } from '../../src/index.js';

const secret = 'a secret of the tests, 32 bytes or more';
const key = new TextEncoder().encode(secret);
const verifier = await jwtVerifier({ secret });

export interface TokenClaims {
  discordId?: unknown;
  access?: unknown;
  role?: unknown;
  guilds?: unknown;
  exp?: number;
}

/** A token as the API's backend makes them. */
export function tokenOf(claims: TokenClaims = {}): Promise<string> {
  return new SignJWT({ discordId: '100', access: true, role: 'USER', guilds: ['1', '2'], ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(key);
}

export interface Instance extends Listening {
  engine: Engine;
  gateway: SpywatcherGateway;
  logger: RecordingLogger;
  clock: ManualClock;
  client(options?: Partial<ManagerOptions & SocketOptions>): ClientSocket;
  /** A client whose token has these claims, and which is connected. */
  user(claims?: TokenClaims, options?: Partial<ManagerOptions & SocketOptions>): Promise<ClientSocket>;
}

export async function start(
  options: Partial<SpywatcherGatewayOptions> = {},
  engineOptions: EngineOptions & { clock?: ManualClock } = {},
): Promise<Instance> {
  const logger = new RecordingLogger();
  const clock = engineOptions.clock ?? new ManualClock(Date.now());
  const engine = createEngine({ logger, ...engineOptions, clock });
  const gateway = spywatcherGateway(engine, {
    verify: (token) => verifier.verify(token),
    maxConnectsPerIpPerMinute: 10_000,
    ...options,
  });
  const server = createServer((_request, response) => response.writeHead(404).end());
  engine.attach(server);
  gateway.attach(server);
  const listening = await listen(server);
  await Promise.all([engine.ready(), gateway.ready()]);
  onTestFinished(async () => {
    await engine.close();
    await gateway.close();
    await listening.close();
  });
  const client: Instance['client'] = (given) => {
    const socket = connect(listening.http, {
      reconnection: false,
      forceNew: true,
      transports: ['websocket'],
      ...given,
    });
    onTestFinished(() => {
      socket.disconnect();
    });
    return socket;
  };
  return {
    ...listening,
    engine,
    gateway,
    logger,
    clock,
    client,
    async user(claims, given) {
      const socket = client({ auth: { token: await tokenOf(claims) }, ...given });
      await next(socket, 'connect');
      return socket;
    },
  };
}

/** Several instances that hear each other and have the same time. */
export async function startCluster(
  count: number,
  options: Partial<SpywatcherGatewayOptions> = {},
  broker = new MemoryBroker(),
): Promise<Instance[]> {
  const clock = new ManualClock(Date.now());
  const instances: Instance[] = [];
  for (let index = 0; index < count; index++) {
    const starting = start(options, { bus: broker.connect(`instance-${index}`), clock });
    instances.push(await starting);
  }
  await eventually(async () => {
    await clock.advance(100);
    const isLed = instances.some(({ engine }) => engine.cluster.lease('spywatcher.updates').held);
    return isLed && instances.every(({ engine }) => engine.cluster.members.size === count);
  }, 'the cluster');
  return instances;
}

/** Everything that a client is sent, from now on. */
export function record(socket: ClientSocket): [event: string, data: unknown][] {
  const received: [string, unknown][] = [];
  socket.onAny((event: string, data: unknown) => received.push([event, data]));
  return received;
}

/** What is on its way has arrived: the server answers a request that comes after it. */
export async function settled(...sockets: ClientSocket[]): Promise<void> {
  await turns(3);
  await Promise.all(sockets.map((socket) => socket.emitWithAck('unsubscribe:guild', 'none')));
}
