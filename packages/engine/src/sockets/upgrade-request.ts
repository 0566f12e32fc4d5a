import type { IncomingMessage } from 'node:http';

/** An upgrade request as a gateway sees it. */
export interface UpgradeRequest {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** The client's address, as far as the trusted proxies tell it. */
  readonly ip: string;
  /** What the client offers in `Sec-WebSocket-Protocol`. */
  readonly protocols: readonly string[];
  readonly raw: IncomingMessage;
}

/** Reads a request line and headers; undefined where the target is no path. */
export function readUpgradeRequest(raw: IncomingMessage, trustProxy: number): UpgradeRequest | undefined {
  // Everything after the first slash counts as path and query, also what looks like another host: `//host/path`.
  const target = raw.url ?? '';
  if (!target.startsWith('/')) return undefined;
  const question = target.indexOf('?');
  return {
    path: question === -1 ? target : target.slice(0, question),
    query: new URLSearchParams(question === -1 ? '' : target.slice(question + 1)),
    headers: raw.headers,
    ip: clientIp(raw, trustProxy),
    protocols: offeredProtocols(raw.headers),
    raw,
  };
}

export function offeredProtocols(headers: IncomingMessage['headers']): string[] {
  const offered = headers['sec-websocket-protocol'];
  return offered === undefined ? [] : offered.split(',').map((protocol) => protocol.trim());
}

/**
 * The address a request comes from: with `trustProxy` proxies in front, the entry of `X-Forwarded-For` that the
 * outermost of them wrote. Entries further to the left are the client's own claims.
 */
export function clientIp(raw: Pick<IncomingMessage, 'headers' | 'socket'>, trustProxy: number): string {
  const direct = raw.socket.remoteAddress ?? '';
  const header = raw.headers['x-forwarded-for'];
  if (trustProxy === 0 || header === undefined) return direct;
  const entries = (Array.isArray(header) ? header.join(',') : header).split(',');
  return entries.at(-trustProxy)?.trim() || entries[0]?.trim() || direct;
}

/** `[2001:db8::1]:443` and `192.0.2.1:443`, as some proxies write them into `X-Forwarded-For`. */
const bracketedOrWithPort = /^(?:\[([^\]]+)\]|(\d+(?:\.\d+){3}))(?::\d+)?$/;

/**
 * What limits per address are counted by: an IPv4 address, or the first 64 bits of an IPv6 address, which one customer
 * usually holds whole. However it is spelled, and without a port.
 */
export function addressKey(ip: string): string {
  const parts = bracketedOrWithPort.exec(ip);
  const address = parts?.[1] ?? parts?.[2] ?? ip;
  const mapped = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  if (!mapped.includes(':')) return mapped;
  const [head = '', tail] = mapped.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}
