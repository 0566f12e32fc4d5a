import { ClientOptionsError } from '@roomcast/client-core';
import { notifyMissedParameter, websocketPath } from '@roomcast/falcon-protocol';

/**
 * The URL to connect to. Takes `ws://host:3000` and any path, `http` for `ws` too, and relative URLs on a page. Asks the
 * server to say when it lost events; one that does not know this passes over it.
 * @throws ClientOptionsError
 */
export function endpointOf(url: string): string {
  const page: unknown = Reflect.get(globalThis, 'location');
  let parsed: URL;
  try {
    parsed = new URL(url, page ? String(page) : undefined);
  } catch (cause) {
    throw wrong(`a URL such as ws://localhost:3000, got ${JSON.stringify(url)}`, { cause });
  }
  const scheme = parsed.protocol.replace('http', 'ws');
  if (scheme !== 'ws:' && scheme !== 'wss:') throw wrong(`a ws, wss, http or https URL, got ${parsed.protocol}`);
  if (parsed.username !== '' || parsed.password !== '') throw wrong('a URL without user and password');
  const path = parsed.pathname === '/' ? websocketPath : parsed.pathname;
  parsed.searchParams.set(notifyMissedParameter, 'true');
  return `${scheme}//${parsed.host}${path}${parsed.search}`;
}

function wrong(expectation: string, options?: ErrorOptions): ClientOptionsError {
  return new ClientOptionsError('url', `expected ${expectation}`, options);
}
