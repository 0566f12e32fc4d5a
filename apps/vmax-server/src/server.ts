import type { Engine } from '@roomcast/engine';
import {
  type Credentials,
  createMetrics,
  demoSessions,
  engineFrom,
  jwtCredentials,
  type OwnedFeed,
  type RunningServer,
  type ServerOptions,
  type ServerParts,
  sessionLimits,
  startServer,
} from '@roomcast/server';
import { vmaxGateway } from '@roomcast/vmax-gateway';
import type { FleetEvent } from '@roomcast/vmax-protocol';
import type { Hono } from 'hono';
import { LoginLimits } from './accounts/login-limits.js';
import { Logins } from './accounts/logins.js';
import { Tokens } from './accounts/tokens.js';
import { DemoFeed } from './demo/feed.js';
import { demoIdentityOf } from './demo/identities.js';
import type { DirectoryData } from './directory/data.js';
import { openDirectory, type VmaxDirectory } from './directory/directory.js';
import type { VmaxEnvironment } from './environment.js';
import { vmaxRoutes } from './http/routes.js';

/**
 * Starts the server: engine, gateway, directory, logins and, with `DEMO=1`, the demo feed. It installs no signal handlers.
 * Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startVmaxServer(env: VmaxEnvironment, parts: ServerParts = {}): Promise<RunningServer> {
  return startServer(await vmaxServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. The demo feed starts when it listens. */
export async function vmaxServer(env: VmaxEnvironment, parts: ServerParts = {}): Promise<ServerOptions> {
  const credentials = await jwtCredentials(env);
  const { engine, logger, clock, connections } = await engineFrom(env, 'vmax', parts);
  const metrics = createMetrics(engine);
  const directory = openDirectory(env, {
    logger,
    clock,
    onFailure: () => metrics.directoryFailures.inc(),
    onChange: () => {
      gateway.recheck().catch((error: unknown) => logger.error({ err: error }, 'asking the directory again failed'));
    },
  });
  const gateway = vmaxGateway(engine, {
    ...sessionLimits(env),
    verify: (token) => credentials.verifier.verify(token),
    fleetOf: directory.fleetOf,
  });
  const data = await directory.data?.();
  const publish = (event: FleetEvent) => gateway.publish(event);
  const feeds: OwnedFeed[] = [];
  if (env.DEMO && data !== undefined) {
    feeds.push({ name: `${gateway.name}.demo`, feed: new DemoFeed({ regulators: data.regulators, publish, clock }) });
  }
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    metrics,
    routes: routesOf(env, { credentials, directory, data, engine }),
    feeds,
    onShutdown: async () => {
      directory.close();
      await connections.close();
    },
  };
}

interface RouteParts {
  credentials: Credentials;
  directory: VmaxDirectory;
  /** What the directory holds now. */
  data: DirectoryData | undefined;
  engine: Engine;
}

/** Who holds only public keys can't make tokens, and who has no users has nobody to make them for. */
function routesOf(env: VmaxEnvironment, { credentials, directory, data, engine }: RouteParts): Hono {
  const { logger, cluster } = engine;
  const now = () => engine.options.clock.now();
  const { issue, verifier } = credentials;
  const users = directory.data;
  if (issue === undefined || users === undefined) {
    return vmaxRoutes({ accounts: undefined, trustProxy: env.TRUST_PROXY, now });
  }
  const userById = async (id: string) => (await users()).userById(id);
  const tokens = new Tokens({ issue, verifier, userById, cluster, logger, now });
  const logins = new Logins({ userByEmail: async (email) => (await users()).userByEmail(email) });
  const limits = new LoginLimits({
    cluster,
    maxPerIp: env.MAX_LOGINS_PER_IP_PER_MINUTE,
    maxPerAccount: env.MAX_LOGINS_PER_ACCOUNT_PER_MINUTE,
  });
  const routes = vmaxRoutes({ accounts: { logins, limits, tokens }, trustProxy: env.TRUST_PROXY, now });
  if (!env.DEMO) return routes;
  const identities = (data?.users ?? []).map(demoIdentityOf);
  return routes.route(
    '/',
    demoSessions({
      identities,
      issue: async ({ id }) => {
        const user = (await users()).userById(id);
        if (user === undefined) throw new Error(`the demo identity ${id} is gone from the directory`);
        return { token: await tokens.access(user) };
      },
    }),
  );
}
