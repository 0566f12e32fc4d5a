import type { IncomingMessage, ServerResponse } from 'node:http';
import { type OriginPolicy, originAllowed, type Refusal } from '@roomcast/engine';

/** Engine.IO's number for what is forbidden, in its answers. */
const forbidden = 4;
/** How long browsers may remember the answer to a preflight, in seconds. */
const maxAgeSeconds = 600;

/** Lets a page of an allowed origin read the answer. False where its origin is not allowed. */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  { origins, credentials }: { origins: OriginPolicy; credentials: boolean },
): boolean {
  const { origin } = request.headers;
  if (origins !== '*') response.setHeader('Vary', 'Origin');
  if (origin === undefined) return true;
  if (!originAllowed(origins, request.headers)) return false;
  response.setHeader('Access-Control-Allow-Origin', origins === '*' ? '*' : origin);
  response.setHeader('Access-Control-Expose-Headers', 'Retry-After');
  if (credentials) response.setHeader('Access-Control-Allow-Credentials', 'true');
  return true;
}

/** Answers the question of a browser whether it may send a request. */
export function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  const asked = request.headers['access-control-request-headers'];
  response.writeHead(204, {
    'Access-Control-Allow-Methods': 'GET,POST',
    'Access-Control-Max-Age': maxAgeSeconds,
    ...(asked !== undefined && { 'Access-Control-Allow-Headers': asked }),
  });
  response.end();
}

/** Refuses a request in the form in which Engine.IO does. */
export function answerRefusal(response: ServerResponse, { status, body, headers }: Refusal, code = forbidden): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...headers, 'Content-Type': 'application/json' });
  response.end(JSON.stringify({ code, message: body }));
}
