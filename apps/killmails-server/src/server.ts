import { type Bus, type Clock, createEngine, type Engine, type Logger, systemClock } from '@roomcast/engine';
import { type KillmailsGateway, killmailsGateway } from '@roomcast/killmails-gateway';
import {
  busFrom,
  createLogger,
  demoSessions,
  engineOptions,
  keepState,
  type RunningServer,
  runWhileOwner,
  type ServerOptions,
  secretsOf,
  sessionLimits,
  startServer,
  type WhileOwner,
} from '@roomcast/server';
import { demoIdentities, demoTokenOf, demoTokens } from './demo/identities.js';
import type { KillmailsEnvironment } from './environment.js';
import type { Feed } from './feed.js';
import { ClusterFigures } from './figures.js';
import { restRoutes } from './rest.js';
import { sourceOf } from './source.js';
import { state } from './state.js';
import { FeedPosition } from './upstream/position.js';

/** What a program that runs several servers gives each of them. */
export interface KillmailsServerParts {
  /** @default JSON lines on standard output */
  logger?: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** The way to other instances, which stays its owner's to close. @default what `REDIS_URL` or `NATS_URL` names */
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
  return startServer(await killmailsServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. Its feed starts when it listens. */
export async function killmailsServer(
  env: KillmailsEnvironment,
  parts: KillmailsServerParts = {},
): Promise<ServerOptions> {
  const { clock = systemClock } = parts;
  const logger = parts.logger ?? createLogger({ level: env.LOG_LEVEL, service: 'killmails', secrets: secretsOf(env) });
  const connections = await busFrom(env, { logger, clock, bus: parts.bus });
  const { bus } = connections;
  const engine = createEngine({ ...engineOptions(env), logger, clock, ...(bus !== undefined && { bus }) });
  const store = connections.state('killmails', state);
  const saved = await store.load();
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
  store.onLate((late) => {
    gateway.merge(late.gateway);
    position.restore(late.feed);
  });
  const figures = new ClusterFigures({
    cluster: engine.cluster,
    gateway,
    feed: () => feed?.status,
    now: () => clock.now(),
  });
  const routes = restRoutes({
    gateway,
    figures,
    anonymous: env.KILLMAILS_ANONYMOUS,
    maxSystems: env.MAX_SYSTEMS,
    trustProxy: env.TRUST_PROXY,
    now: () => clock.now(),
    isDraining: () => engine.draining,
  });
  if (env.DEMO) {
    routes.route('/', demoSessions({ identities: demoIdentities, issue: (one) => ({ token: demoTokenOf(one) }) }));
  }
  // Told by `/readyz`, which asks for it.
  gateway.ready().catch(() => {});
  const isDue = () => !store.isShared || engine.cluster.isOwner('killmails.state');
  const read = () => ({ gateway: gateway.save(), feed: position.save() });
  const keeper = keepState({ file: store, read, logger, clock, isDue });
  let owner: WhileOwner | undefined;
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    routes,
    readiness: { kills: () => gateway.ready().then(() => undefined) },
    onServer(server) {
      server.once('listening', () => {
        if (feed !== undefined) owner = readWhileOwner(feed, { engine, gateway, position });
      });
    },
    // Before the sessions go: another instance reads on while they are let go here.
    onStopping: () => owner?.stop(),
    onShutdown: async () => {
      source.close();
      await keeper.close();
      await connections.close();
    },
  };
}

interface Reading {
  engine: Engine;
  gateway: KillmailsGateway;
  position: FeedPosition;
}

/** Of several instances one reads the feed, from where the one before it was, and knowing what that one published. */
function readWhileOwner(feed: Feed, { engine, gateway, position }: Reading): WhileOwner {
  const { cluster, logger } = engine;
  const runnable = {
    start: () => feed.start(),
    stop: async () => {
      await feed.stop();
      position.settle();
    },
  };
  const prepare = async () => {
    await Promise.all([position.learn(), gateway.catchUp()]);
  };
  return runWhileOwner(runnable, { cluster, name: `${gateway.name}.feed`, logger, prepare });
}
