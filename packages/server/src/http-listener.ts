import type { RequestListener } from 'node:http';
import { commonHeaders, createHttp, type HttpOptions, publishApis } from './http.js';
import { nodeHandler } from './http-server.js';
import { createMetrics } from './metrics.js';
import { publishListener } from './publish-listener.js';

const lastHeaders = { ...commonHeaders, Connection: 'close' };

/**
 * The HTTP side of a server for node:http: `createHttp`, and ahead of it the publish requests of backends, which come
 * by the thousand and are served without Hono. Those of pages, which name an origin, are left to it and to its CORS.
 */
export function httpListener(options: HttpOptions): RequestListener {
  const { engine, publishToken } = options;
  const metrics = options.metrics ?? createMetrics(engine);
  const others = nodeHandler(createHttp({ ...options, metrics }).fetch);
  if (publishToken === undefined) return others;
  const publishing = new Map<string, RequestListener>();
  for (const [paths, api] of publishApis(options, publishToken, metrics)) {
    const onAnswer = (status: number) => {
      api.onAnswer?.(status);
      metrics.httpRequests.inc({ status });
    };
    const headers = () => (engine.draining ? lastHeaders : commonHeaders);
    const listener = publishListener({ ...api, onAnswer, headers, ...(options.logger && { logger: options.logger }) });
    for (const path of paths) publishing.set(path, listener);
  }
  return (incoming, outgoing) => {
    const isPlain = incoming.method === 'POST' && incoming.headers.origin === undefined;
    const publish = isPlain ? publishing.get(incoming.url ?? '') : undefined;
    (publish ?? others)(incoming, outgoing);
  };
}
