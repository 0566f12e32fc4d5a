import { ClientOptionsError } from '@roomcast/client-core';

const schemes: Record<string, string> = { 'ws:': 'http:', 'wss:': 'https:', 'http:': 'http:', 'https:': 'https:' };

/**
 * Where the server is, as Socket.IO wants it: it begins with HTTP, and takes a URL's path for the name of a namespace.
 * @throws ClientOptionsError
 */
export function endpointOf(url: string): string {
  const parsed = parse(url);
  const scheme = schemes[parsed.protocol];
  if (scheme === undefined) throw wrong(`a ws, wss, http or https URL, got ${parsed.protocol}`);
  if (parsed.username !== '' || parsed.password !== '') throw wrong('a URL without user and password');
  if (parsed.pathname !== '/' || parsed.search !== '') {
    throw wrong('a URL without path and query; where Socket.IO is served is option path');
  }
  return `${scheme}//${parsed.host}`;
}

function parse(url: string): URL {
  const page: unknown = Reflect.get(globalThis, 'location');
  const base = page === undefined || page === null ? undefined : String(page);
  try {
    return new URL(url, base);
  } catch (cause) {
    throw wrong(`a URL such as http://localhost:3001, got ${JSON.stringify(url)}`, { cause });
  }
}

function wrong(expectation: string, options?: ErrorOptions): ClientOptionsError {
  return new ClientOptionsError('url', `expected ${expectation}`, options);
}
