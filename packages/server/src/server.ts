import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { isIPv6 } from 'node:net';
import type { Engine, Gateway, Logger } from '@roomcast/engine';
import type { Hono } from 'hono';
import { publishFromBus } from './bus-publish.js';
import type { CommonEnvironment } from './environment.js';
import { ListenError } from './errors.js';
import { takeUpgrades } from './headers.js';
import { httpListener } from './http-listener.js';
import { createHttpServer, type HttpServerOptions } from './http-server.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { ReadinessCheck } from './readiness.js';
import { readTls, warnOfPlainListener } from './tls.js';
import { type OwnedFeed, runWhileOwner, type WhileOwner } from './while-owner.js';

/** What a runnable server is put together from. */
export interface ServerOptions {
  env: CommonEnvironment;
  engine: Engine;
  gateways: readonly Gateway[];
  logger: Logger;
  /** The service's own HTTP paths. */
  routes?: Hono;
  /** Cookies authenticate: pages of the allowed origins may send them. @default false */
  credentials?: boolean;
  /** What must be in order for `/readyz` beside the bus. */
  readiness?: Readonly<Record<string, ReadinessCheck>>;
  /** @default `createMetrics(engine)` */
  metrics?: Metrics;
  /** Header limits and time-outs. */
  http?: Omit<HttpServerOptions, 'tls' | 'onRefused'>;
  /**
   * What one of the instances runs (`runWhileOwner`), from when this one listens until stopping begins: another goes on
   * while the sessions are let go here.
   */
  feeds?: readonly OwnedFeed[];
  /** The server exists and does not listen yet: the place to attach others who take upgrades or requests. */
  onServer?(server: Server | TlsServer): void;
  /** The sessions are gone: the place to save state and close what belongs to the service. */
  onShutdown?(): void | Promise<void>;
}

/** A server that listens. */
export interface RunningServer {
  /** `http://HOST:PORT`, or https. */
  readonly url: string;
  readonly port: number;
  readonly server: Server | TlsServer;
  /**
   * Lets everybody go: `/readyz` and upgrades answer 503, sessions are closed with 1012, then `onShutdown` runs and the
   * listener closes. Rejects when `onShutdown` fails or is not done in time.
   *
   * @param withinMs how long all of it may take, in milliseconds. @default `DRAIN_MS`
   */
  close(withinMs?: number): Promise<void>;
}

/** The share of the time to shut down that is kept for what follows the farewells. */
const reserveShare = 0.2;
const maxReserveMs = 1500;

/** Starts a server. It installs no signal handlers. Throws `EnvironmentError` or `ListenError`, each of one line. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { env, engine, logger } = options;
  const tls = readTls(env);
  const metrics = options.metrics ?? createMetrics(engine);
  const { gateways } = options;
  const fromBus = gateways.map((gateway) =>
    publishFromBus({
      engine,
      gateway,
      logger,
      onOutcome: (outcome) => metrics.busPublishes.inc({ gateway: gateway.name, outcome }),
    }),
  );
  const readiness = {
    ...options.readiness,
    ...(engine.options.bus?.subscribeForeign !== undefined && {
      publish: () => Promise.all(fromBus.map((inbox) => inbox.ready())).then(() => undefined),
    }),
  };
  const listener = httpListener({
    engine,
    logger,
    gateways,
    readiness,
    publishToken: env.PUBLISH_TOKEN,
    adminToken: env.ADMIN_TOKEN,
    metricsToken: env.METRICS_TOKEN,
    origins: env.ALLOWED_ORIGINS,
    metrics,
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
    ...(options.routes === undefined ? {} : { routes: options.routes }),
  });
  const limits = { ...options.http, onRefused: (status: number) => metrics.httpRequests.inc({ status }) };
  const server = createHttpServer(listener, { ...limits, tls });
  takeUpgrades(server, engine, limits);
  options.onServer?.(server);
  const port = await listen(server, env.HOST, env.PORT);
  server.on('error', (error) => logger.error({ err: error }, 'the listener has a problem'));
  const owners = (options.feeds ?? []).map(({ feed, ...rest }) =>
    runWhileOwner(feed, { ...rest, cluster: engine.cluster, logger }),
  );
  if (env.DEMO) logger.warn({}, 'DEMO=1: anybody can get a token here; not for real data');
  if (tls === undefined) warnOfPlainListener(env.HOST, logger);
  const host = isIPv6(env.HOST) ? `[${env.HOST}]` : env.HOST;
  const url = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`;
  logger.info({ url }, 'listening');
  let closed: Promise<void> | undefined;
  return {
    url,
    port,
    server,
    close(withinMs = env.DRAIN_MS) {
      // What comes over the bus from now on is another instance's to publish.
      for (const inbox of fromBus) inbox.stop();
      closed ??= close(server, owners, options, withinMs);
      return closed;
    },
  };
}

async function listen(server: Server | TlsServer, host: string, port: number): Promise<number> {
  try {
    server.listen(port, host);
    // Rejects with what the server emits as `error`.
    await once(server, 'listening');
  } catch (error) {
    throw new ListenError(host, port, error as NodeJS.ErrnoException);
  }
  return (server.address() as AddressInfo).port;
}

async function close(
  server: Server | TlsServer,
  owners: readonly WhileOwner[],
  { engine, logger, onShutdown }: ServerOptions,
  withinMs: number,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  const timeLeft = () => Math.max(0, deadline - Date.now());
  try {
    // Where there is nothing to hand over, nobody waits a turn for it.
    if (owners.length > 0) await inTime(withinMs * reserveShare, Promise.all(owners.map((owner) => owner.stop())));
  } catch (error) {
    logger.error({ err: error }, 'a feed could not be stopped');
  }
  await engine.drain(Math.max(1, timeLeft() - Math.min(maxReserveMs, withinMs * reserveShare)));
  try {
    const done = await inTime(timeLeft() * 0.7, Promise.resolve(onShutdown?.()));
    if (!done) throw new Error('what runs at shutdown was not done in time');
  } finally {
    const closed = new Promise((resolve) => server.close(resolve));
    // Requests under way may finish; whoever only keeps a connection is not waited for.
    if (!(await inTime(timeLeft() * 0.5, closed))) server.closeAllConnections();
  }
}

/** Whether a promise was fulfilled in so many milliseconds. */
async function inTime(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
