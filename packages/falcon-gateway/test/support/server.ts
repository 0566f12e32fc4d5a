import { createServer } from 'node:http';
import { createEngine, type Engine, type EngineOptions, MemoryBroker } from '@roomcast/engine';
import { jwtVerifier } from '@roomcast/engine/identity';
import type { MessageType } from '@roomcast/falcon-protocol';
import {
  eventually,
  type Listening,
  listen,
  ManualClock,
  openClient,
  RecordingLogger,
  type TestClient,
} from '@roomcast/testing';
import { SignJWT } from 'jose';
import type { ClientOptions } from 'ws';
import { type FalconGateway, type FalconGatewayOptions, falconGateway } from '../../src/index.js';

const secret = 'a secret of at least thirty-two bytes';

/** What a test is told by the server, envelope and all. */
export interface Frame {
  type: MessageType;
  // biome-ignore lint/suspicious/noExplicitAny: tests compare it with what they expect.
  data: any;
  room?: string;
  from?: string;
  to?: string;
  id?: string;
  timestamp: string;
}

export interface TestClaims {
  user_id?: string;
  groups?: string[];
  scopes?: unknown;
  exp?: number;
  iss?: string;
  [claim: string]: unknown;
}

/** A connected client that knows who it is. */
export class Member {
  #pings = 0;

  constructor(
    readonly client: TestClient,
    readonly connection: string,
    readonly user: string,
  ) {}

  send(message: unknown): void {
    this.client.send(message);
  }

  /** Everything that came before the answer to a ping sent now. */
  async told(): Promise<Frame[]> {
    const id = `told-${++this.#pings}`;
    this.client.send({ type: 'system', data: { action: 'ping' }, id });
    const frames: Frame[] = [];
    for (;;) {
      const frame = await this.client.nextJson<Frame>();
      if (frame.id === id) return frames;
      frames.push(frame);
    }
  }

  /** Sends a message and resolves to the frame with its id. What came before it is forgotten. */
  async ask(message: object, id = `ask-${++this.#pings}`): Promise<Frame> {
    this.client.send({ ...message, id });
    for (;;) {
      const frame = await this.client.nextJson<Frame>();
      if (frame.id === id) return frame;
    }
  }

  /** What an `error` answers, or `ok`. */
  async codeOf(message: object): Promise<string> {
    const frame = await this.ask(message);
    return frame.type === 'error' ? frame.data.code : 'ok';
  }

  /** Waits for a frame of this kind; what came before it is forgotten. */
  async next(matches: (frame: Frame) => boolean): Promise<Frame> {
    for (;;) {
      const frame = await this.client.nextJson<Frame>();
      if (matches(frame)) return frame;
    }
  }

  async join(room: string): Promise<void> {
    const code = await this.codeOf(system('join', { room }));
    if (code !== 'ok') throw new Error(`expected to join ${room}, got ${code}`);
  }
}

export const system = (action: string, more: object = {}) => ({ type: 'system', data: { action, ...more } });
export const say = (room: string, data: unknown = { text: 'Hello!' }) => ({ type: 'message', room, data });

export interface TestServer extends Listening {
  engine: Engine;
  gateway: FalconGateway;
  clock: ManualClock;
  logger: RecordingLogger;
  /** Connects with headers and reads nothing. */
  open(headers: Record<string, string>, options?: ClientOptions, query?: string): Promise<TestClient>;
  /** Connects as the holder of these claims, and reads what is told at the beginning. */
  member(claims?: TestClaims | string, query?: string): Promise<Member>;
  publish(event: object): void;
}

const running: (() => Promise<void>)[] = [];

/** For `afterEach`: ends every server of the test. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0).reverse()) await stop();
}

/** A clock that stands at the second that is: tokens are verified by the machine's time. */
const clockOfNow = () => new ManualClock(Math.floor(Date.now() / 1000) * 1000);

const { verify } = await jwtVerifier({ secret }, { issuer: 'go-falcon' });

export async function start(
  options: Partial<FalconGatewayOptions> = {},
  engineOptions: EngineOptions & { clock?: ManualClock } = {},
): Promise<TestServer> {
  const clock = engineOptions.clock ?? clockOfNow();
  const logger = new RecordingLogger();
  const engine = createEngine({ logger, maxConnectsPerIpPerMinute: 1e9, ...engineOptions, clock });
  const gateway = falconGateway(engine, { verify, maxMessages: 0, ...options });
  await gateway.ready();
  await engine.ready();
  const http = createServer();
  engine.attach(http);
  const listening = await listen(http);
  running.push(async () => {
    await engine.close();
    await listening.close();
  });
  const open = (headers: Record<string, string>, clientOptions: ClientOptions = {}, query = '') =>
    openClient(`${listening.ws}/websocket/connect${query}`, { ...clientOptions, headers });
  return {
    ...listening,
    engine,
    gateway,
    clock,
    logger,
    open,
    async member(claims = {}, query = '') {
      const given = typeof claims === 'string' ? { user_id: claims } : claims;
      const client = await open({ Authorization: `Bearer ${await tokenOf(given)}` }, {}, query);
      const { data } = await client.nextJson<Frame>();
      const member = new Member(client, data.connection_id, data.user_id);
      await member.told();
      return member;
    },
    publish(event) {
      const parsed = gateway.parse(event);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
      gateway.publish(parsed.event);
    },
  };
}

/** Servers that hear each other. */
export async function startCluster(
  count: number,
  options: Partial<FalconGatewayOptions> = {},
): Promise<{ servers: TestServer[]; clock: ManualClock; broker: MemoryBroker }> {
  const clock = clockOfNow();
  const broker = new MemoryBroker({ clock });
  const servers: TestServer[] = [];
  for (let index = 0; index < count; index++) servers.push(await start(options, { clock, bus: broker.connect() }));
  await eventually(() => servers.every(({ engine }) => engine.stats().members === count), 'everybody knows everybody');
  return { servers, clock, broker };
}

/** A token with these claims beside those that every token has; undefined takes one away. */
export function tokenOf(claims: TestClaims = {}, signedWith = secret): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const usual = { user_id: 'ada', character_id: 123, character_name: 'Ada', scopes: '', iss: 'go-falcon' };
  return new SignJWT({ ...usual, iat: now, exp: now + 3600, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(signedWith));
}

/** Type and data of frames, for comparing. */
export const brief = (frames: readonly Frame[]) => frames.map(({ type, data }) => [type, data] as const);
