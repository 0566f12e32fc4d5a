import type { KillmailsGateway } from '@roomcast/killmails-gateway';
import { killmailsTopic, socketPath, websocketPath } from '@roomcast/killmails-protocol';
import { type Context, Hono } from 'hono';
import type { ClusterFigures, Figures } from '../figures.js';
import { errorAnswer } from './answers.js';

export interface InformationOptions {
  gateway: Pick<KillmailsGateway, 'mount'>;
  figures: Pick<ClusterFigures, 'read'>;
  /** Connections without a token are let in. */
  anonymous: boolean;
  maxSystems: number;
  /** Proxies in front, whose `X-Forwarded-Proto` is believed. */
  trustProxy: number;
  now(): number;
  isDraining(): boolean;
}

/** What the server tells about itself, and where the old webhook call has gone. */
export function informationRoutes(options: InformationOptions): Hono {
  const { anonymous, maxSystems, now } = options;
  const { idleTimeoutMs } = options.gateway.mount.limits;
  const startedAt = now();
  const app = new Hono();

  app.get('/ping', (c) => c.text('pong'));

  app.get('/health', (c) => {
    const healthy = !options.isDraining();
    return tell(c, { status: healthy ? 'ok' : 'shutting down', healthy }, healthy ? 200 : 503);
  });

  app.get('/status', async (c) => {
    const figures = await options.figures.read();
    const { killsReceived, killsKept } = figures;
    return tell(c, {
      status: options.isDraining() ? 'shutting down' : 'operational',
      uptime_seconds: Math.floor((now() - startedAt) / 1000),
      feed: figures.feed ?? { source: 'none', state: 'stopped' },
      killmails: { received: killsReceived, kept: killsKept },
      websocket: websocket(figures),
    });
  });

  app.get('/websocket', (c) =>
    tell(c, {
      websocket_url: socketUrl(c, options.trustProxy),
      endpoint: websocketPath,
      protocol: 'Phoenix Channels',
      version: '2.0.0',
      versions: ['1.0.0', '2.0.0'],
      channels: { killmails: killmailsTopic },
      authentication: { required: !anonymous, type: 'token', parameter: 'token' },
      limits: {
        max_systems_per_subscription: maxSystems,
        timeout_seconds: idleTimeoutMs / 1000,
        rate_limit: 'per_connection',
      },
    }),
  );

  app.get('/websocket/status', async (c) =>
    tell(c, { status: 'operational', ...websocket(await options.figures.read()) }),
  );

  app.post('/api/v1/subscribe', (c) => {
    const websocket_url = socketUrl(c, options.trustProxy);
    const text = `Webhook subscriptions have ended: connect to ${websocket_url} and join ${killmailsTopic}`;
    return errorAnswer(410, 'GONE', text, { websocket_url, endpoint: websocketPath, channel: killmailsTopic });
  });

  return app;
}

/** The fields at the top, where earlier servers had them, and under `data` as in every other answer. */
function tell(c: Context, fields: object, status: 200 | 503 = 200): Response {
  return c.json({ ...fields, data: fields, timestamp: new Date().toISOString() }, status);
}

/** Of all instances; those that did not answer are told, since the figures leave them out. */
function websocket({ connections, systems, characters, missing }: Figures): object {
  return {
    active_connections: connections,
    subscribed_systems: systems,
    subscribed_characters: characters,
    ...(missing > 0 && { instances_missing: missing }),
  };
}

/** Where Phoenix clients connect to, as this client reached us. */
function socketUrl(c: Context, trustProxy: number): string {
  const { protocol, host } = new URL(c.req.url);
  const forwarded = trustProxy > 0 ? c.req.header('x-forwarded-proto') : undefined;
  const isSecure = protocol === 'https:' || forwarded?.split(',')[0]?.trim() === 'https';
  return `${isSecure ? 'wss' : 'ws'}://${host}${socketPath}`;
}
