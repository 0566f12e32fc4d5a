import { type KillmailsGateway, killmailsGateway } from '@roomcast/killmails-gateway';
import {
  demoSessions,
  engineFrom,
  keepState,
  type OwnedFeed,
  type RunningServer,
  type ServerOptions,
  type ServerParts,
  sessionLimits,
  startServer,
} from '@roomcast/server';
import { demoIdentities, demoTokenOf, demoTokens } from './demo/identities.js';
import type { KillmailsEnvironment } from './environment.js';
import type { Feed } from './feed.js';
import { ClusterFigures } from './figures.js';
import { restRoutes } from './rest.js';
import { sourceOf } from './source.js';
import { state } from './state.js';
import { FeedPosition } from './upstream/position.js';

/**
 * Starts the server: engine, gateway, feed, HTTP side and what survives restarts. It installs no signal handlers.
 * Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startKillmailsServer(env: KillmailsEnvironment, parts: ServerParts = {}): Promise<RunningServer> {
  return startServer(await killmailsServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. Its feed starts when it listens. */
export async function killmailsServer(env: KillmailsEnvironment, parts: ServerParts = {}): Promise<ServerOptions> {
  const { engine, logger, clock, connections } = await engineFrom(env, 'killmails', parts);
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
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    routes,
    readiness: { kills: () => gateway.ready().then(() => undefined) },
    feeds: feed === undefined ? [] : [ownedFeed(feed, gateway, position)],
    onShutdown: async () => {
      source.close();
      await keeper.close();
      await connections.close();
    },
  };
}

/** Of several instances one reads the feed, from where the one before it was, and knowing what that one published. */
function ownedFeed(feed: Feed, gateway: KillmailsGateway, position: FeedPosition): OwnedFeed {
  return {
    name: `${gateway.name}.feed`,
    feed: {
      start: () => feed.start(),
      stop: async () => {
        await feed.stop();
        position.settle();
      },
    },
    prepare: async () => {
      await Promise.all([position.learn(), gateway.catchUp()]);
    },
  };
}
