import { ClientOptionsError } from '@roomcast/client-core';
import { websocketPaths } from '@roomcast/raffle-protocol';

const schemes: Record<string, string> = { 'ws:': 'ws:', 'wss:': 'wss:', 'http:': 'ws:', 'https:': 'wss:' };

/**
 * The URL to connect to. Takes `ws://host:8080` and any path, `http` for `ws` too, and relative URLs on a page.
 * @throws ClientOptionsError
 */
export function endpointOf(url: string): string {
  const parsed = parse(url);
  const scheme = schemes[parsed.protocol];
  if (scheme === undefined) throw wrong(`a ws, wss, http or https URL, got ${parsed.protocol}`);
  if (parsed.username !== '' || parsed.password !== '') throw wrong('a URL without user and password');
  const path = parsed.pathname === '/' ? websocketPaths[0] : parsed.pathname;
  return `${scheme}//${parsed.host}${path}${parsed.search}`;
}

function parse(url: string): URL {
  const page: unknown = Reflect.get(globalThis, 'location');
  const base = page === undefined || page === null ? undefined : String(page);
  try {
    return new URL(url, base);
  } catch (cause) {
    throw wrong(`a URL such as ws://localhost:8080/ws, got ${JSON.stringify(url)}`, { cause });
  }
}

function wrong(expectation: string, options?: ErrorOptions): ClientOptionsError {
  return new ClientOptionsError('url', `expected ${expectation}`, options);
}
