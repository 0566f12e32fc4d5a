import { type Bus, type Clock, createEngine, type Logger, systemClock } from '@roomcast/engine';
import { raffleGateway } from '@roomcast/raffle-gateway';
import { statsPaths, tokenLeewaySeconds } from '@roomcast/raffle-protocol';
import {
  busFrom,
  createLogger,
  demoSessions,
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
import { Hono } from 'hono';
import { DemoFeed } from './demo/feed.js';
import { demoClaimsOf, demoIdentities, demoTokenSeconds } from './demo/identities.js';
import type { RaffleEnvironment } from './environment.js';

/** What a program that runs several servers gives each of them. */
export interface RaffleServerParts {
  /** @default JSON lines on standard output */
  logger?: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** The way to other instances, which stays its owner's to close. @default what `REDIS_URL` or `NATS_URL` names */
  bus?: Bus;
}

/**
 * Starts the server: engine, gateway, HTTP side and, in a demonstration, its feed. It installs no signal handlers.
 * Throws `EnvironmentError` or `ListenError`, each of one line.
 */
export async function startRaffleServer(env: RaffleEnvironment, parts: RaffleServerParts = {}): Promise<RunningServer> {
  return startServer(await raffleServer(env, parts));
}

/** The server put together, as `startServer` and `runServer` take it. Its feed starts when it listens. */
export async function raffleServer(env: RaffleEnvironment, parts: RaffleServerParts = {}): Promise<ServerOptions> {
  const { clock = systemClock } = parts;
  const { verifier, issue } = await jwtCredentials(env, { leewaySeconds: tokenLeewaySeconds });
  const logger = parts.logger ?? createLogger({ level: env.LOG_LEVEL, service: 'raffle', secrets: secretsOf(env) });
  const { bus, close } = await busFrom(env, { logger, clock, bus: parts.bus });
  const engine = createEngine({ ...engineOptions(env), logger, clock, ...(bus !== undefined && { bus }) });
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
  let feed: WhileOwner | undefined;
  return {
    env,
    engine,
    gateways: [gateway],
    logger,
    routes,
    readiness: { events: () => gateway.ready().then(() => undefined) },
    onServer(server) {
      if (!env.DEMO) return;
      server.once('listening', () => {
        const demo = new DemoFeed({ clock, publish: (event) => gateway.publish(event) });
        feed = runWhileOwner(demo, { cluster: engine.cluster, name: `${gateway.name}.demo`, logger });
      });
    },
    onStopping: () => feed?.stop(),
    onShutdown: () => close(),
  };
}
