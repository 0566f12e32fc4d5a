import { EngineOptionsError } from '@roomcast/engine';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where Redis is, and who we are there. */
export interface Target {
  readonly kind: 'single' | 'cluster' | 'sentinel';
  readonly addresses: readonly Address[];
  readonly isTls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** The name that the sentinels know the master by; empty elsewhere. */
  readonly masterName: string;
  /** What logs call it. */
  readonly name: string;
}

const schemes: Readonly<Record<string, Pick<Target, 'kind' | 'isTls'>>> = {
  redis: { kind: 'single', isTls: false },
  rediss: { kind: 'single', isTls: true },
  'redis+cluster': { kind: 'cluster', isTls: false },
  'rediss+cluster': { kind: 'cluster', isTls: true },
  'redis+sentinel': { kind: 'sentinel', isTls: false },
  'rediss+sentinel': { kind: 'sentinel', isTls: true },
};

const shape = /^([a-z+]+):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/?#]+)(?:\/([^?#]*))?$/;
const hostAndPort = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i;

/** Reads a URL; throws `EngineOptionsError`, which never quotes it, where it is none of the documented forms. */
export function parseUrl(url: string): Target {
  const [, scheme = '', username, password, hosts = '', path = ''] = shape.exec(url) ?? [];
  const kind = Object.hasOwn(schemes, scheme) ? schemes[scheme] : undefined;
  if (kind === undefined) throw wrong(`${Object.keys(schemes).join('://, ')}:// with a host`);
  const defaultPort = kind.kind === 'sentinel' ? 26_379 : 6379;
  const addresses = hosts.split(',').map((host) => parseAddress(host, defaultPort));
  if (kind.kind === 'single' && addresses.length > 1) throw wrong('one host, or redis+cluster:// or redis+sentinel://');
  const { database, masterName } = parsePath(kind.kind, path);
  const list = addresses.map(({ host, port }) => `${host}:${port}`).join(',');
  return {
    ...kind,
    addresses,
    username: decode(username) || undefined,
    password: decode(password) || undefined,
    database,
    masterName,
    name: `${kind.kind === 'single' ? 'Redis' : `Redis ${kind.kind}`} at ${list}`,
  };
}

function parseAddress(text: string, defaultPort: number): Address {
  const [, host = '', port = String(defaultPort)] = hostAndPort.exec(text) ?? [];
  if (host === '' || Number(port) === 0 || Number(port) > 65_535) throw wrong('hosts as host or host:port');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function parsePath(kind: Target['kind'], path: string): { database: number; masterName: string } {
  const parts = path.split('/');
  const masterName = kind === 'sentinel' ? decode(parts.shift()) : '';
  if (kind === 'sentinel' && masterName === '') throw wrong('the name of the master: redis+sentinel://host/NAME');
  const [database = '', ...rest] = parts;
  if (!/^\d{0,5}$/.test(database) || rest.length > 0) throw wrong('a database number at the end, or nothing');
  if (kind === 'cluster' && Number(database) > 0) throw wrong('no database number: a cluster has only database 0');
  return { database: Number(database), masterName };
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
