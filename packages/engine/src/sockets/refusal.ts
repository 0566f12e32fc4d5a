import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** An upgrade that is answered with an HTTP status instead of a WebSocket. */
export class Refusal {
  constructor(
    readonly status: number,
    readonly body: string = STATUS_CODES[status] ?? '',
    readonly headers: Readonly<Record<string, string>> = {},
  ) {}
}

/**
 * Refuses an upgrade: what `accept` returns instead of an acceptance. The body is plain text, unless `headers` has a
 * `Content-Type`.
 */
export function refuse(status: number, body?: string, headers?: Record<string, string>): Refusal {
  return new Refusal(status, body, headers);
}

/** Answers an upgrade request and ends its socket. */
export function writeRefusal(socket: Duplex, { status, body, headers }: Refusal): void {
  if (socket.destroyed || !socket.writable) return;
  const all = {
    ...(body === '' ? {} : { 'Content-Type': 'text/plain; charset=utf-8' }),
    ...headers,
    Connection: 'close',
    'Content-Length': Buffer.byteLength(body),
  };
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Refused'}`,
    ...Object.entries(all).map(([name, value]) => `${name}: ${value}`),
  ];
  // A peer that never reads the answer must not keep the socket: it ends with the answer, or after a second at most.
  const timer = setTimeout(() => socket.destroy(), 1000).unref();
  socket.once('close', () => clearTimeout(timer));
  socket.once('finish', () => socket.destroy());
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
