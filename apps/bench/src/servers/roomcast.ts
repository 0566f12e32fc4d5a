import {
  type Bus,
  createEngine,
  type Engine,
  type Mount,
  refuse,
  type Session,
  silentLogger,
  textFrame,
  type UpgradeRequest,
} from '@roomcast/engine';
import { jwtVerifier } from '@roomcast/engine/identity';
import { wideLimits } from '../dialects/dialect.js';
import { httpServer, type ServerOptions } from './options.js';
import { secret } from './tokens.js';

const joined = textFrame('{"t":"joined"}');
const pong = textFrame('{"t":"pong"}');
const maxRooms = 100_000;

/** The engine with its limits on, above what the loader does. */
export function benchEngine(bus?: Bus): Engine {
  return createEngine({
    ...(bus !== undefined && { bus }),
    logger: silentLogger,
    maxConnections: 100_000,
    maxConnectionsPerIp: 100_000,
    maxConnectsPerIpPerMinute: 10_000_000,
  });
}

/**
 * The engine's raw dialect, as `yardstick-adapter.mjs` has it: the same messages as the other servers', with nothing
 * of a domain around them.
 */
export async function start(options: ServerOptions) {
  const engine = benchEngine(options.busUrl === undefined ? undefined : await busAt(options.busUrl));
  const accept = options.jwt === true ? await tokenHolders() : () => ({ data: null });
  const mount: Mount<null, unknown> = engine.mount<null, unknown>({
    ...wideLimits,
    name: 'raw',
    paths: '/ws',
    maxRooms,
    wire: {
      accept,
      message(session, text) {
        const message = JSON.parse(String(text));
        if (message.t === 'pub') mount.publish(message.room, message.e);
        else if (message.t === 'ping') session.reply(pong);
        else if (message.t === 'join') return join(session, message.rooms);
        return undefined;
      },
    },
    receive(event, topic) {
      const frame = textFrame(JSON.stringify(event));
      mount.deliver({ rooms: [topic] }, { encode: () => frame });
    },
  });
  await engine.ready();
  const server = httpServer(options);
  engine.attach(server);
  return server;
}

async function busAt(url: string): Promise<Bus> {
  if (url.startsWith('nats:')) return (await import('@roomcast/nats')).createNatsBus({ url });
  return (await import('@roomcast/redis')).createRedisBus({ url });
}

/** Answered when the events of all rooms arrive here; without a bus that is at once. */
function join(session: Session<null>, rooms: readonly string[]): Promise<void> | undefined {
  const waits = rooms.map((room) => session.join(room, { topic: room })).filter((each) => typeof each !== 'boolean');
  if (waits.length > 0) return Promise.all(waits).then(() => session.reply(joined));
  session.reply(joined);
  return undefined;
}

/** Lets in who has a token, as whoever it says. */
async function tokenHolders() {
  const verifier = await jwtVerifier({ secret });
  return async ({ query }: UpgradeRequest) => {
    const { sub = '' } = await verifier.verify(query.get('token') ?? '').catch(() => ({ sub: undefined }));
    return sub === '' ? refuse(401, 'no valid token') : { data: null, identity: { id: sub } };
  };
}
