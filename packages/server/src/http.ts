import { type Engine, type Gateway, type Logger, type OriginPolicy, silentLogger } from '@roomcast/engine';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { adminRoutes } from './admin.js';
import { answerAdmin } from './admin-answers.js';
import { answer, errorAnswer } from './answers.js';
import { bearerCheck } from './bearer.js';
import { limitBody } from './body.js';
import { corsFor } from './cors.js';
import { createMetrics, type Metrics } from './metrics.js';
import type { PublishOptions } from './publish.js';
import { publishHandler } from './publish-handler.js';
import { Readiness, type ReadinessCheck } from './readiness.js';

/** What the HTTP side of a server takes. */
export interface HttpOptions {
  engine: Engine;
  gateways?: readonly Gateway[];
  /** The service's own paths. */
  routes?: Hono;
  /** Turns the publish API on. @default off */
  publishToken?: string | undefined;
  /** Turns the admin API on. @default off */
  adminToken?: string | undefined;
  /** What `/metrics` asks for. @default nothing: it is open */
  metricsToken?: string | undefined;
  /** Whose pages may read the answers. @default ['same-host'] */
  origins?: OriginPolicy;
  /** Pages of those origins may send cookies. @default false */
  credentials?: boolean;
  /** What must be in order for `/readyz` beside the bus. */
  readiness?: Readonly<Record<string, ReadinessCheck>>;
  /** @default one is created */
  metrics?: Metrics;
  /** Bytes of a body to the service's own paths; more are 413. @default 1 MiB */
  maxBodyBytes?: number;
  /** @default nothing is logged */
  logger?: Logger;
}

const defaultMaxBodyBytes = 1024 * 1024;

/** Of every answer. */
export const commonHeaders = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' } as const;

/**
 * The HTTP side of a server as a Hono app: `/healthz`, `/readyz`, `/metrics`, `/api/publish`, `/admin/…` and the
 * service's own paths. `httpListener` serves it on node:http.
 */
export function createHttp(options: HttpOptions): Hono {
  const { engine, logger = silentLogger, metricsToken } = options;
  const metrics = options.metrics ?? createMetrics(engine);
  const readiness = new Readiness(engine, options.readiness ?? {}, logger);
  const app = new Hono();
  app.use(async (c, next) => {
    await next();
    for (const [name, value] of Object.entries(commonHeaders)) {
      // A route may know better how long its answer can be kept, and nothing else.
      if (name !== 'Cache-Control' || !c.res.headers.has(name)) c.header(name, value);
    }
    if (engine.draining) c.header('Connection', 'close');
    metrics.httpRequests.inc({ status: c.res.status });
  });
  app.use(corsFor(options.origins ?? ['same-host'], options.credentials ?? false));
  app.notFound(() => errorAnswer(404, 'Not found'));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return errorAnswer(error.status, error.message);
    // The query is left out: it may hold a token.
    logger.error({ err: error, method: c.req.method, path: c.req.path }, 'answering a request failed');
    return errorAnswer(500, 'Internal error');
  });

  app.get('/healthz', () => answer(200, { status: 'ok' }));
  app.get('/readyz', async () => {
    const state = await readiness.check();
    return answer(state.ready ? 200 : 503, state);
  });
  const mayRead = metricsToken === undefined ? undefined : bearerCheck(metricsToken);
  app.get('/metrics', async (c) => {
    const refused = mayRead?.(c.req.raw);
    if (refused !== undefined) return refused;
    return new Response(await metrics.registry.metrics(), {
      headers: { 'Content-Type': metrics.registry.contentType },
    });
  });
  if (options.publishToken !== undefined) {
    app.route('/', publishRoutes(options, options.publishToken, metrics));
  }
  // Also where this instance has no admin API: others may.
  answerAdmin(engine);
  if (options.adminToken !== undefined) app.route('/', adminRoutes({ engine, token: options.adminToken, logger }));
  if (options.routes !== undefined) {
    app.use(limitBody(options.maxBodyBytes ?? defaultMaxBodyBytes));
    app.route('/', options.routes);
  }
  return app;
}

/** `/api/publish/<name>` for each gateway, and `/api/publish` where there is only one. */
function publishRoutes(options: HttpOptions, token: string, metrics: Metrics): Hono {
  const app = new Hono();
  for (const [paths, api] of publishApis(options, token, metrics)) {
    const publish = publishHandler(api);
    for (const path of paths) app.all(path, (c) => publish(c.req.raw));
  }
  const { gateways = [] } = options;
  if (gateways.length > 1) {
    const paths = gateways.map(({ name }) => `/api/publish/${name}`).join(', ');
    app.all('/api/publish', () => errorAnswer(404, `There are several gateways here: publish to one of ${paths}`));
  }
  return app;
}

/** The publish API of each gateway, with its paths. */
export function publishApis(
  { engine, gateways = [] }: HttpOptions,
  token: string,
  metrics: Metrics,
): [paths: string[], api: PublishOptions][] {
  const { cluster, options } = engine;
  return gateways.map((gateway) => [
    gateways.length === 1 ? ['/api/publish', `/api/publish/${gateway.name}`] : [`/api/publish/${gateway.name}`],
    {
      gateway,
      token,
      cluster,
      clock: options.clock,
      onAnswer: (status) => metrics.publishRequests.inc({ gateway: gateway.name, status }),
    },
  ]);
}
