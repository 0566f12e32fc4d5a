import { type Bus, type Clock, createEngine, type Engine, type Logger, type Stop, systemClock } from '@roomcast/engine';
import { killmailsGateway } from '@roomcast/killmails-gateway';
import {
  createLogger,
  demoSessions,
  engineOptions,
  keepState,
  type RunningServer,
  type ServerOptions,
  secretsOf,
  sessionLimits,
  startServer,
} from '@roomcast/server';
import { demoIdentities, demoTokenOf, demoTokens } from './demo/identities.js';
import type { KillmailsEnvironment } from './environment.js';
import type { Feed } from './feed.js';
import { restRoutes } from './rest.js';
import { sourceOf } from './source.js';
import { openState } from './state.js';
import { FeedPosition } from './upstream/position.js';
import { runWhileOwner } from './upstream/while-owner.js';

/** What a program that runs several servers gives each of them. */
export interface KillmailsServerParts {
  /** @default JSON lines on standard output */
  logger?: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** The way to other instances, which stays its owner's to close. @default this instance is alone */
  bus?: Bus;
}

/**
 * Starts the server: engine, gateway, feed, HTTP side and what survives restarts. It installs no signal handlers.
 * Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startKillmailsServer(
  env: KillmailsEnvironment,
  parts: KillmailsServerParts = {},
): Promise<RunningServer> {
  return startServer(killmailsServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. Its feed starts when it listens. */
export function killmailsServer(env: KillmailsEnvironment, parts: KillmailsServerParts = {}): ServerOptions {
  const { clock = systemClock, bus } = parts;
  const logger = parts.logger ?? createLogger({ level: env.LOG_LEVEL, service: 'killmails', secrets: secretsOf(env) });
  const engine = createEngine({ ...engineOptions(env), logger, clock, ...(bus !== undefined && { bus }) });
  const file = openState(env.STATE_DIR, logger);
  const saved = file.load();
  const source = sourceOf(env, { logger, clock });
  const gateway = killmailsGateway(engine, {
    ...sessionLimits(env),
    tokens: [...(env.DEMO ? demoTokens : []), ...(env.KILLMAILS_TOKENS ?? [])],
    anonymous: env.KILLMAILS_ANONYMOUS,
    maxSystems: env.MAX_SYSTEMS,
    countWindowHours: env.COUNT_WINDOW_HOURS,
    names: source.names,
    ...(saved !== undefined && { saved: saved.gateway }),
  });
  const position = new FeedPosition(engine.cluster, clock, saved?.feed);
  const feed = source.feed((killmail) => gateway.publish(killmail), position);
  const routes = restRoutes({
    gateway,
    anonymous: env.KILLMAILS_ANONYMOUS,
    maxSystems: env.MAX_SYSTEMS,
    trustProxy: env.TRUST_PROXY,
    now: () => clock.now(),
    isDraining: () => engine.stats().draining,
    feed: () => feed?.status,
  });
  if (env.DEMO) {
    routes.route('/', demoSessions({ identities: demoIdentities, issue: (one) => ({ token: demoTokenOf(one) }) }));
  }
  const following = gateway.ready();
  // Told by `/readyz`, which asks for it.
  following.catch(() => {});
  let stop = async () => {};
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    routes,
    readiness: { kills: () => following.then(() => undefined) },
    onServer(server) {
      server.once('listening', () => {
        const read = () => ({ gateway: gateway.save(), feed: position.save() });
        const keeper = keepState({ file, read, logger, clock });
        const letGo = startFeed(feed, engine);
        stop = async () => {
          letGo();
          source.close();
          await feed?.stop();
          await keeper.close();
        };
      });
    },
    onShutdown: () => stop(),
  };
}

function startFeed(feed: Feed | undefined, { cluster, options }: Engine): Stop {
  if (feed !== undefined && options.bus !== undefined) return runWhileOwner(feed, cluster, options.clock);
  feed?.start();
  return () => {};
}
