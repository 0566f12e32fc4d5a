import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Engine } from '@roomcast/engine';

export interface HeaderLimitOptions {
  /** Header lines of a request or an upgrade; more are 431. @default 100 */
  maxHeaders?: number;
  /** Told of every request that is refused before it reaches the application, for metrics. */
  onRefused?(status: number): void;
}

export const headerDefaults = Object.freeze({ maxHeaders: 100 });

export function hasTooManyHeaders(request: IncomingMessage, maxHeaders: number): boolean {
  return request.rawHeaders.length / 2 > maxHeaders;
}

/** What `engine.attach` does, for upgrades whose headers are few enough. */
export function takeUpgrades(
  server: Server | TlsServer,
  engine: Pick<Engine, 'handleUpgrade'>,
  { maxHeaders = headerDefaults.maxHeaders, onRefused }: HeaderLimitOptions = {},
): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (hasTooManyHeaders(request, maxHeaders)) {
      // Those who listen after us find the socket ended and leave it alone.
      refuse(socket, 431);
      onRefused?.(431);
      return;
    }
    if (engine.handleUpgrade(request, socket, head)) return;
    if (server.listenerCount('upgrade') > 1) return;
    refuse(socket, 404);
    onRefused?.(404);
  });
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => {});
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
