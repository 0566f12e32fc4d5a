import type { IncomingMessage, Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { type Engine, refuse } from '@roomcast/engine';

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

/** `engine.attach`, for upgrades whose headers are few enough. */
export function takeUpgrades(
  server: Server | TlsServer,
  engine: Pick<Engine, 'attach'>,
  { maxHeaders = headerDefaults.maxHeaders, onRefused }: HeaderLimitOptions = {},
): void {
  const guard = (request: IncomingMessage) => (hasTooManyHeaders(request, maxHeaders) ? refuse(431) : undefined);
  engine.attach(server, { guard, ...(onRefused && { onRefused }) });
}
