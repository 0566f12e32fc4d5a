import { ClientOptionsError } from '@roomcast/client-core';
import { notifyMissedParameter, tokenParameter, websocketPath } from '@roomcast/vmax-protocol';

/** Where to connect, taken apart. */
export interface Endpoint {
  /** The WebSocket's URL without a token. */
  readonly socketUrl: string;
  /** What the paths of the HTTP API are appended to, without a slash at its end. */
  readonly apiUrl: string;
  /** The token, if the URL carried one. */
  readonly token: string | undefined;
}

const schemes: Readonly<Record<string, { ws: string; http: string }>> = {
  'ws:': { ws: 'ws:', http: 'http:' },
  'http:': { ws: 'ws:', http: 'http:' },
  'wss:': { ws: 'wss:', http: 'https:' },
  'https:': { ws: 'wss:', http: 'https:' },
};

/** Takes `ws://host:8080` and `…/ws`, with `http` for `ws` too, and relative ones on a page. */
export function parseEndpoint(url: string): Endpoint {
  const parsed = parseUrl('url', url);
  const scheme = schemes[parsed.protocol];
  if (scheme === undefined) throw wrong('url', `a ws, wss, http or https URL, got ${parsed.protocol}`);
  const token = parsed.searchParams.get(tokenParameter) ?? undefined;
  parsed.searchParams.delete(tokenParameter);
  const path = withoutSlashes(parsed.pathname);
  const base = path.endsWith(websocketPath) ? path.slice(0, -websocketPath.length) : path;
  const { host, search } = parsed;
  return {
    socketUrl: `${scheme.ws}//${host}${base}${websocketPath}${search}`,
    apiUrl: `${scheme.http}//${host}${base}`,
    token,
  };
}

/** @throws ClientOptionsError */
export function parseApiUrl(url: string): string {
  const parsed = parseUrl('apiUrl', url);
  if (!parsed.protocol.startsWith('http')) throw wrong('apiUrl', `an http or https URL, got ${parsed.protocol}`);
  return `${parsed.origin}${withoutSlashes(parsed.pathname)}`;
}

/** The socket's URL with what the wire has no other place for: the token, and that the client asks for `EVENTS_MISSED`. */
export function upgradeUrl(socketUrl: string, token: string): string {
  const url = new URL(socketUrl);
  url.searchParams.set(tokenParameter, token);
  url.searchParams.set(notifyMissedParameter, 'true');
  return url.href;
}

function withoutSlashes(path: string): string {
  return path.replace(/\/+$/, '');
}

function parseUrl(option: 'url' | 'apiUrl', url: string): URL {
  const page: unknown = Reflect.get(globalThis, 'location');
  const base = page === undefined || page === null ? undefined : String(page);
  let parsed: URL;
  try {
    parsed = new URL(url, base);
  } catch {
    // Not repeated: it may hold a token.
    throw wrong(option, 'a URL such as ws://localhost:8080');
  }
  if (parsed.username !== '' || parsed.password !== '') throw wrong(option, 'a URL without user and password');
  return parsed;
}

function wrong(option: 'url' | 'apiUrl', expectation: string): ClientOptionsError {
  return new ClientOptionsError(option, `expected ${expectation}`);
}
