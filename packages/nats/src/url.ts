import { EngineOptionsError } from '@roomcast/engine';

/** Where NATS is, and who we are there. */
export interface Target {
  /** `host:port`, one or several of one cluster. */
  readonly servers: readonly string[];
  readonly isTls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  /** What logs call it. */
  readonly name: string;
}

const shape = /^(nats|tls):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)\/?$/;
const hostAndPort = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i;

/** Reads a URL; throws `EngineOptionsError`, which never quotes it, where it is none of the documented forms. */
export function parseUrl(url: string): Target {
  const [, scheme, name, password, hosts = ''] = shape.exec(url) ?? [];
  if (scheme === undefined) throw wrong('nats:// or tls:// with a host, or several with commas between');
  const servers = hosts.split(',').map((host) => {
    const [, address = '', port = '4222'] = hostAndPort.exec(host) ?? [];
    if (address === '' || Number(port) === 0 || Number(port) > 65_535) throw wrong('hosts as host or host:port');
    return `${address}:${Number(port)}`;
  });
  const user = decode(name) || undefined;
  return {
    servers,
    isTls: scheme === 'tls',
    user: password === undefined ? undefined : user,
    password: decode(password) || undefined,
    token: password === undefined ? user : undefined,
    name: `NATS at ${servers.join(',')}`,
  };
}

function decode(text = ''): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw wrong('percent signs in names and passwords as %25');
  }
}

/** The URL may hold a password wherever it is malformed: only what was expected is said. */
function wrong(expected: string): EngineOptionsError {
  return new EngineOptionsError('url', expected, 'something else');
}
