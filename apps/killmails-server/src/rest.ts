import type { KillmailsGateway } from '@roomcast/killmails-gateway';
import { Hono } from 'hono';
import { errorAnswer } from './rest/answers.js';
import { type InformationOptions, informationRoutes } from './rest/information.js';
import { readingRoutes } from './rest/reading.js';

export interface RestOptions extends InformationOptions {
  gateway: Pick<KillmailsGateway, 'mount' | 'kills'>;
}

/** The server's own HTTP paths. */
export function restRoutes(options: RestOptions): Hono {
  const app = new Hono();
  app.route('/', informationRoutes(options));
  app.route('/', readingRoutes(options.gateway, options.now));
  app.all('/api/v1/*', () => errorAnswer(404, 'NOT_FOUND', 'There is nothing at this path'));
  return app;
}
