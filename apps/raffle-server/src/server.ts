import { raffleGateway } from '@roomcast/raffle-gateway';
import { statsPaths, tokenLeewaySeconds } from '@roomcast/raffle-protocol';
import {
  demoSessions,
  engineFrom,
  jwtCredentials,
  type RunningServer,
  type ServerOptions,
  type ServerParts,
  sessionLimits,
  startServer,
} from '@roomcast/server';
import { Hono } from 'hono';
import { DemoFeed } from './demo/feed.js';
import { demoClaimsOf, demoIdentities, demoTokenSeconds } from './demo/identities.js';
import type { RaffleEnvironment } from './environment.js';

/**
 * Starts the server: engine, gateway, HTTP side and, in a demonstration, its feed. It installs no signal handlers.
 * Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startRaffleServer(env: RaffleEnvironment, parts: ServerParts = {}): Promise<RunningServer> {
  return startServer(await raffleServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. Its feed starts when it listens. */
export async function raffleServer(env: RaffleEnvironment, parts: ServerParts = {}): Promise<ServerOptions> {
  const { verifier, issue } = await jwtCredentials(env, { leewaySeconds: tokenLeewaySeconds });
  const { engine, logger, clock, connections } = await engineFrom(env, 'raffle', parts);
  const gateway = raffleGateway(engine, {
    ...sessionLimits(env),
    verifier,
    maxMessagesBeforeAuth: env.MAX_MESSAGES_BEFORE_AUTH,
    maxAuthsPerMinute: env.MAX_AUTHS_PER_MINUTE,
    logEvents: env.LOG_LEVEL === 'debug' || env.LOG_LEVEL === 'trace',
  });
  const routes = new Hono();
  for (const path of statsPaths) routes.get(path, (c) => c.json(gateway.stats()));
  if (env.DEMO && issue !== undefined) {
    const token = (identity: (typeof demoIdentities)[number]) => issue(demoClaimsOf(identity), demoTokenSeconds);
    routes.route(
      '/',
      demoSessions({ identities: demoIdentities, issue: async (one) => ({ token: await token(one) }) }),
    );
  }
  // Told by `/readyz`, which asks for it.
  gateway.ready().catch(() => {});
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    routes,
    readiness: { events: () => gateway.ready().then(() => undefined) },
    feeds: env.DEMO
      ? [{ name: `${gateway.name}.demo`, feed: new DemoFeed({ clock, publish: (event) => gateway.publish(event) }) }]
      : [],
    onShutdown: () => connections.close(),
  };
}
