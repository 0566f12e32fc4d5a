import { ClientOptionsError } from '@roomcast/client-core';

/** Where to connect, taken apart. */
export interface Endpoint {
  /** What Phoenix clients are given: `ws://host:4004/socket`. */
  readonly socketUrl: string;
  /** Query parameters of the URL that are neither the token nor the version. */
  readonly params: Readonly<Record<string, string>>;
  /** The token, if the URL carried one. */
  readonly token: string | undefined;
}

const schemes: Record<string, string> = { 'ws:': 'ws:', 'wss:': 'wss:', 'http:': 'ws:', 'https:': 'wss:' };

/** Takes any of `ws://host:4004`, `…/socket` and `…/socket/websocket`, with `http` for `ws` too, and relative ones on a page. */
export function parseEndpoint(url: string): Endpoint {
  const parsed = parseUrl(url);
  const scheme = schemes[parsed.protocol];
  if (scheme === undefined) throw wrongUrl(`a ws, wss, http or https URL, got ${parsed.protocol}`);
  if (parsed.username !== '' || parsed.password !== '') throw wrongUrl('a URL without user and password');
  const { token, vsn: _, ...params } = Object.fromEntries(parsed.searchParams);
  return { socketUrl: `${scheme}//${parsed.host}${socketPathOf(parsed.pathname)}`, params, token };
}

function socketPathOf(pathname: string): string {
  const path = pathname.replace(/\/+$/, '').replace(/\/websocket$/, '');
  return path.endsWith('/socket') ? path : `${path}/socket`;
}

function parseUrl(url: string): URL {
  const page: unknown = Reflect.get(globalThis, 'location');
  const base = page === undefined || page === null ? undefined : String(page);
  try {
    return new URL(url, base);
  } catch (cause) {
    throw new ClientOptionsError('url', `expected a URL such as ws://localhost:4004, got ${JSON.stringify(url)}`, {
      cause,
    });
  }
}

function wrongUrl(expectation: string): ClientOptionsError {
  return new ClientOptionsError('url', `expected ${expectation}`);
}
