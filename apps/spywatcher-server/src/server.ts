import type { Clock, Logger } from '@roomcast/engine';
import {
  type Credentials,
  createMetrics,
  demoSessions,
  engineFrom,
  jwtCredentials,
  keepState,
  type OwnedFeed,
  type RunningServer,
  type ServerOptions,
  type ServerParts,
  sessionLimits,
  startServer,
} from '@roomcast/server';
import { type SpywatcherGateway, savedSpywatcher, spywatcherGateway } from '@roomcast/spywatcher-gateway';
import { Hono } from 'hono';
import { DemoFeed } from './demo/feed.js';
import { demoClaimsOf, demoGuilds, demoIdentities, demoTokenSeconds } from './demo/identities.js';
import { openDirectory } from './directory.js';
import { type DiscordSource, discordSource } from './discord/source.js';
import type { SpywatcherEnvironment } from './environment.js';
import { openLimiter } from './limiter.js';

export interface SpywatcherServerParts extends ServerParts {
  /** Where activity comes from beside the publish API. @default Discord, where `DISCORD_BOT_TOKEN` is set */
  source?: DiscordSource;
}

/** Header lines of a request; those with more are left to the HTTP side, which refuses them. */
const maxHeaders = 100;
/** Analytics are large and change slowly: a crash may cost a minute of them. */
const saveEveryMs = 60_000;

/**
 * Starts the server: engine, gateway, directory, Discord where there is a bot, and, with `DEMO=1`, made-up guilds. It
 * installs no signal handlers. Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startSpywatcherServer(
  env: SpywatcherEnvironment,
  parts: SpywatcherServerParts = {},
): Promise<RunningServer> {
  return startServer(await spywatcherServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. What feeds it starts when it listens. */
export async function spywatcherServer(
  env: SpywatcherEnvironment,
  parts: SpywatcherServerParts = {},
): Promise<ServerOptions> {
  const credentials = await jwtCredentials(env);
  const { engine, logger, clock, connections } = await engineFrom(env, 'spywatcher', parts);
  const metrics = createMetrics(engine);
  const store = connections.state('spywatcher', savedSpywatcher);
  const limiter = openLimiter(env, logger);
  const directory = openDirectory(env, {
    logger,
    clock,
    onFailure: () => metrics.directoryFailures.inc(),
    onChange: () => {
      gateway.recheck().catch((error: unknown) => logger.error({ err: error }, 'asking the directory again failed'));
    },
  });
  const gateway = spywatcherGateway(engine, {
    ...sessionLimits(env),
    verify: (token) => credentials.verifier.verify(token),
    guildsOf: directory.guildsOf,
    throttleMs: env.ANALYTICS_THROTTLE_MS,
    limiter: limiter.factory,
    maxConnectsPerIpPerMinute: env.MAX_CONNECTS_PER_IP_PER_MINUTE,
    saved: await store.load(),
  });
  store.onLate((saved) => gateway.restore(saved));
  const isDue = () => !store.isShared || engine.cluster.isOwner('spywatcher.state');
  // Told by `/readyz`, which asks for it.
  gateway.ready().catch(() => {});
  let keeper: ReturnType<typeof keepState> | undefined;
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    metrics,
    routes: routesOf(env, credentials),
    feeds: feedsOf(env, { source: parts.source, clock, logger, gateway }),
    readiness: { events: () => gateway.ready().then(() => undefined) },
    onServer(server) {
      gateway.attach(server, { leave: ({ rawHeaders }) => rawHeaders.length / 2 > maxHeaders });
      server.once('listening', () => {
        keeper = keepState({ file: store, read: () => gateway.save(), logger, clock, isDue, everyMs: saveEveryMs });
      });
    },
    async onShutdown() {
      await keeper?.close();
      await gateway.close();
      directory.close();
      limiter.close();
      await connections.close();
    },
  };
}

interface FeedParts {
  source: DiscordSource | undefined;
  clock: Clock;
  logger: Logger;
  gateway: SpywatcherGateway;
}

/** What one of the instances runs. */
function feedsOf(env: SpywatcherEnvironment, { source, clock, logger, gateway }: FeedParts): OwnedFeed[] {
  const publish = (event: Parameters<typeof gateway.publish>[0]) => gateway.publish(event);
  const feeds: OwnedFeed[] = [];
  const { DISCORD_BOT_TOKEN: token } = env;
  if (source !== undefined) feeds.push({ name: `${gateway.name}.source`, feed: source });
  else if (token !== undefined) {
    feeds.push({ name: `${gateway.name}.discord`, feed: discordSource({ token, clock, logger, publish }) });
  }
  if (env.DEMO) {
    feeds.push({ name: `${gateway.name}.demo`, feed: new DemoFeed({ guilds: demoGuilds, clock, publish }) });
  }
  return feeds;
}

/** Who holds only public keys can't make tokens for demo identities. */
function routesOf(env: SpywatcherEnvironment, { issue }: Credentials): Hono {
  const routes = new Hono();
  if (!env.DEMO || issue === undefined) return routes;
  const sessions = demoSessions({
    identities: demoIdentities,
    issue: async (one) => ({ token: await issue(demoClaimsOf(one), demoTokenSeconds) }),
  });
  return routes.route('/', sessions);
}
