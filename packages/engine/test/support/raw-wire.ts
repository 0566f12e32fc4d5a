import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { listen, openClient, RecordingLogger, type TestClient } from '@roomcast/testing';
import { onTestFinished } from 'vitest';
import {
  type Acceptance,
  type CloseReason,
  createEngine,
  type DeliveryClass,
  type Engine,
  type EngineOptions,
  type Message,
  type Mount,
  type MountOptions,
  type Refusal,
  RoomLimitError,
  refuse,
  type Session,
  textFrame,
  type Wire,
} from '../../src/index.js';

/** What the raw wire keeps about a session: the rooms' events it has seen go by are the client's business. */
export interface RawData {
  name: string;
}

/** An event of the raw wire. */
export interface RawEvent {
  rooms: string[];
  data: unknown;
  deliveryClass?: DeliveryClass;
  key?: string;
}

type Request =
  | { t: 'join'; room: string; topic?: string; assigned?: boolean }
  | { t: 'leave'; room: string }
  | { t: 'publish'; topic: string; event: RawEvent }
  | { t: 'echo'; data: unknown };

/** A text frame of JSON. */
export function json(value: unknown): Buffer {
  return textFrame(JSON.stringify(value));
}

/**
 * The smallest wire that shows everything: JSON texts with a tag. Who connects is in the query:
 * `?id=ada&dialect=loud&refuse=403`.
 */
function rawWire(mount: () => Mount<RawData, RawEvent>): Required<Pick<Wire<RawData>, 'accept' | 'message'>> {
  return {
    accept({ query }): Acceptance<RawData> | Refusal {
      const status = query.get('refuse');
      if (status !== null) return refuse(Number(status), 'as asked');
      const id = query.get('id');
      return {
        data: { name: query.get('name') ?? '' },
        dialect: query.get('dialect') ?? '',
        ...(id === null ? {} : { identity: { id } }),
      };
    },
    async message(session, message) {
      const request = JSON.parse(String(message)) as Request;
      switch (request.t) {
        case 'join':
          session.reply(await join(session, request));
          return;
        case 'leave':
          session.reply(json({ t: 'left', room: request.room, was: session.leave(request.room) }));
          return;
        case 'publish':
          mount().publish(request.topic, request.event);
          session.reply(json({ t: 'published' }));
          return;
        case 'echo':
          session.reply(json({ t: 'echo', data: request.data }));
          return;
      }
    },
  };
}

async function join(session: Session<RawData>, request: Request & { t: 'join' }): Promise<Buffer> {
  const { room, topic, assigned } = request;
  try {
    const joined = await session.join(room, {
      ...(topic === undefined ? {} : { topic }),
      ...(assigned === undefined ? {} : { assigned }),
    });
    return json({ t: joined ? 'joined' : 'gone', room });
  } catch (error) {
    if (error instanceof RoomLimitError) return json({ t: 'limit', room, limit: error.limit });
    throw error;
  }
}

export interface RawServerOptions extends Partial<Omit<MountOptions<RawData, RawEvent>, 'wire'>> {
  engine?: EngineOptions;
  /** Takes the place of the raw wire's handlers, one by one. */
  wire?: Partial<Wire<RawData>>;
}

/** A listening server with one raw mount. */
export interface RawServer {
  engine: Engine;
  mount: Mount<RawData, RawEvent>;
  logger: RecordingLogger;
  port: number;
  /** `ws://127.0.0.1:PORT/raw` */
  url: string;
  /** The dialects that events were encoded for, one entry per call of `encode`. */
  encoded: string[];
  /** How sessions ended, in order. */
  closes: CloseReason[];
  /** The server's ends of the TCP connections, in the order they came. */
  sockets: Socket[];
  /** Opens a client; `query` goes behind the `?`. */
  client(query?: string): Promise<TestClient>;
  /** Opens a client that has joined rooms. */
  member(...rooms: string[]): Promise<TestClient>;
  /** The only session there is, or the one whose query had this name. */
  session(name?: string): Session<RawData>;
  close(): Promise<void>;
}

/** Mounts the raw wire on an engine; `encoded` gets a dialect for each call of `encode`. */
export function mountRaw(
  engine: Engine,
  { wire, ...options }: Omit<RawServerOptions, 'engine'> = {},
  encoded: string[] = [],
): Mount<RawData, RawEvent> {
  const mount: Mount<RawData, RawEvent> = engine.mount<RawData, RawEvent>({
    name: 'raw',
    paths: '/raw',
    pingIntervalMs: 0,
    receive: ({ rooms, data, deliveryClass, key }) => {
      mount.deliver(
        { rooms },
        {
          encode: (dialect) => {
            encoded.push(dialect);
            return json(dialect === '' ? { t: 'event', data } : { t: 'event', dialect, data });
          },
          ...(deliveryClass === undefined ? {} : { deliveryClass }),
          ...(key === undefined ? {} : { key }),
        },
      );
    },
    ...options,
    wire: { ...rawWire(() => mount), ...wire },
  });
  return mount;
}

/** Starts a server for the time of one test. */
export async function rawServer({
  engine: engineOptions,
  wire,
  ...options
}: RawServerOptions = {}): Promise<RawServer> {
  const logger = new RecordingLogger();
  const engine = createEngine({ logger, ...engineOptions });
  const encoded: string[] = [];
  const closes: CloseReason[] = [];
  const mount = mountRaw(
    engine,
    { ...options, wire: { close: (_session, reason) => void closes.push(reason), ...wire } },
    encoded,
  );
  const server = createServer((_request, response) => response.end('http'));
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  engine.attach(server);
  const listening = await listen(server);
  const url = `${listening.ws}/raw`;
  const client = (query = '') => openClient(`${url}?${query}`);
  const close = async () => {
    await engine.close();
    await listening.close();
  };
  onTestFinished(close);
  return {
    engine,
    mount,
    logger,
    port: listening.port,
    url,
    encoded,
    closes,
    sockets,
    client,
    async member(...rooms) {
      const member = await client();
      for (const room of rooms) await ask(member, { t: 'join', room });
      return member;
    },
    session(name) {
      const sessions = [...mount.sessions].filter((session) => name === undefined || session.data.name === name);
      if (sessions.length !== 1) throw new Error(`expected one session, got ${sessions.length}`);
      return sessions[0] as Session<RawData>;
    },
    close,
  };
}

/** Sends a message and waits for the next one. */
export async function ask(client: TestClient, message: Message | object): Promise<unknown> {
  client.send(message);
  return client.nextJson();
}
