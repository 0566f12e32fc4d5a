import { type Bus, type Clock, createEngine, type Logger, systemClock } from '@roomcast/engine';
import { falconGateway } from '@roomcast/falcon-gateway';
import { tokenIssuer } from '@roomcast/falcon-protocol';
import {
  busFrom,
  createLogger,
  createMetrics,
  engineOptions,
  jwtCredentials,
  type RunningServer,
  runWhileOwner,
  type ServerOptions,
  secretsOf,
  sessionLimits,
  startServer,
  type WhileOwner,
} from '@roomcast/server';
import { DemoFeed } from './demo/feed.js';
import { demoRoutes } from './demo/routes.js';
import { openDirectory } from './directory/directory.js';
import type { FalconEnvironment } from './environment.js';
import { falconRoutes } from './http/routes.js';

/** What a program that runs several servers gives each of them. */
export interface FalconServerParts {
  /** @default JSON lines on standard output */
  logger?: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** The way to other instances, which stays its owner's to close. @default what the environment names */
  bus?: Bus;
}

/**
 * Starts the server: engine, gateway, directory, HTTP side and, in a demonstration, its feed. It installs no signal
 * handlers. Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startFalconServer(env: FalconEnvironment, parts: FalconServerParts = {}): Promise<RunningServer> {
  return startServer(await falconServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. The demo feed starts when it listens. */
export async function falconServer(env: FalconEnvironment, parts: FalconServerParts = {}): Promise<ServerOptions> {
  const { clock = systemClock } = parts;
  const logger = parts.logger ?? createLogger({ level: env.LOG_LEVEL, service: 'falcon', secrets: secretsOf(env) });
  const credentials = await jwtCredentials(env, { issuer: tokenIssuer });
  if (env.ALLOWED_ORIGINS === '*') {
    logger.warn({}, 'ALLOWED_ORIGINS=*: cookies count only from pages of this server, others need a Bearer token');
  }
  const connections = await busFrom(env, { logger, clock, bus: parts.bus });
  const { bus } = connections;
  const engine = createEngine({ ...engineOptions(env), logger, clock, ...(bus !== undefined && { bus }) });
  const metrics = createMetrics(engine);
  const { close: closeDirectory, ...directory } = openDirectory(env, {
    logger,
    clock,
    onFailure: () => metrics.directoryFailures.inc(),
    onChange: () => {
      gateway.recheck().catch((error: unknown) => logger.error({ err: error }, 'asking the directory again failed'));
    },
  });
  const gateway = falconGateway(engine, {
    ...sessionLimits(env),
    verify: (token) => credentials.verifier.verify(token),
    directory,
    maxDataBytes: env.MAX_DATA_BYTES,
    maxPresences: env.MAX_PRESENCES_PER_CONNECTION,
  });
  const routes = falconRoutes({ gateway, adminToken: env.ADMIN_TOKEN, now: () => clock.now() });
  if (env.DEMO) routes.route('/', demoRoutes(env, credentials));
  let feed: WhileOwner | undefined;
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    metrics,
    routes,
    credentials: true,
    readiness: { events: () => gateway.ready().then(() => undefined) },
    onServer(server) {
      if (!env.DEMO) return;
      const demo = new DemoFeed({ clock, publish: (event) => gateway.publish(event) });
      const { cluster } = engine;
      server.once('listening', () => {
        feed = runWhileOwner(demo, { cluster, name: 'falcon.demo', logger });
      });
    },
    async onShutdown() {
      await feed?.stop();
      closeDirectory();
      await connections.close();
    },
  };
}
