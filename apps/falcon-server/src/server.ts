import { falconGateway } from '@roomcast/falcon-gateway';
import { tokenIssuer } from '@roomcast/falcon-protocol';
import {
  createMetrics,
  engineFrom,
  jwtCredentials,
  type RunningServer,
  type ServerOptions,
  type ServerParts,
  sessionLimits,
  startServer,
} from '@roomcast/server';
import { DemoFeed } from './demo/feed.js';
import { demoRoutes } from './demo/routes.js';
import { openDirectory } from './directory/directory.js';
import type { FalconEnvironment } from './environment.js';
import { falconRoutes } from './http/routes.js';

/**
 * Starts the server: engine, gateway, directory, HTTP side and, in a demonstration, its feed. It installs no signal
 * handlers. Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startFalconServer(env: FalconEnvironment, parts: ServerParts = {}): Promise<RunningServer> {
  return startServer(await falconServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. The demo feed starts when it listens. */
export async function falconServer(env: FalconEnvironment, parts: ServerParts = {}): Promise<ServerOptions> {
  const credentials = await jwtCredentials(env, { issuer: tokenIssuer });
  const { engine, logger, clock, connections } = await engineFrom(env, 'falcon', parts);
  if (env.ALLOWED_ORIGINS === '*') {
    logger.warn({}, 'ALLOWED_ORIGINS=*: cookies count only from pages of this server, others need a Bearer token');
  }
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
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    metrics,
    routes,
    credentials: true,
    readiness: { events: () => gateway.ready().then(() => undefined) },
    feeds: env.DEMO
      ? [{ name: `${gateway.name}.demo`, feed: new DemoFeed({ clock, publish: (event) => gateway.publish(event) }) }]
      : [],
    async onShutdown() {
      closeDirectory();
      await connections.close();
    },
  };
}
