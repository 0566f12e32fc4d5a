import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { getRequestListener, RequestError } from '@hono/node-server';
import { errorAnswer } from './answers.js';
import { type HeaderLimitOptions, hasTooManyHeaders, headerDefaults } from './headers.js';
import type { TlsFiles } from './tls.js';

export interface HttpServerOptions extends HeaderLimitOptions {
  /** Serves https. @default plain http */
  tls?: TlsFiles | undefined;
  /** How long a client may take to send its headers, in milliseconds; then 408. @default 10000 */
  headersTimeoutMs?: number;
  /** How long a client may take to send a whole request, in milliseconds; then 408. @default 30000 */
  requestTimeoutMs?: number;
  /** How long a TLS handshake may take, in milliseconds. @default 10000 */
  handshakeTimeoutMs?: number;
}

export const httpServerDefaults = Object.freeze({
  ...headerDefaults,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  handshakeTimeoutMs: 10_000,
});

/** How often Node.js looks for requests that take too long, in milliseconds. Its own 30 s would double our time-outs. */
const checkEveryMs = 1000;

/** What a handler gets beside the request, in Hono as `c.env`: node:http's own objects. */
export interface NodeBindings {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
}

/** Serves a function from requests to answers (a Hono app's `fetch`, `publishHandler(…)`) to node:http or Express. */
export function nodeHandler(
  handler: (request: Request, env: NodeBindings) => Response | Promise<Response>,
): RequestListener {
  const listener = getRequestListener((request, env) => handler(request, env as NodeBindings), {
    overrideGlobalObjects: false,
    errorHandler: (error) =>
      error instanceof RequestError ? errorAnswer(400, 'Bad request') : errorAnswer(500, 'Internal error'),
  });
  return (request, response) => {
    void listener(request, response);
  };
}

/** An HTTP or HTTPS server, not listening yet, that a slow or wordy client can't hold up. */
export function createHttpServer(listener: RequestListener, options: HttpServerOptions = {}): Server | TlsServer {
  const { tls, maxHeaders, headersTimeoutMs, requestTimeoutMs, handshakeTimeoutMs } = {
    tls: undefined,
    ...httpServerDefaults,
    ...options,
  };
  const limited: RequestListener = (request, response) => {
    if (!hasTooManyHeaders(request, maxHeaders)) {
      listener(request, response);
      return;
    }
    options.onRefused?.(431);
    response.writeHead(431, { 'Content-Type': 'application/json', Connection: 'close' });
    response.end(JSON.stringify({ error: `A request has at most ${maxHeaders} header lines` }));
  };
  const common = {
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: checkEveryMs,
  };
  const server =
    tls === undefined
      ? createServer(common, limited)
      : createTlsServer({ ...common, ...tls, handshakeTimeout: handshakeTimeoutMs }, limited);
  // Beyond this Node.js leaves headers out without a word; up to it they can be counted.
  server.maxHeadersCount = maxHeaders * 2;
  return server;
}
