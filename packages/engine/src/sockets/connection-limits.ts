import { MessageRate } from './message-rate.js';
import { type Refusal, refuse } from './refusal.js';
import { addressKey } from './upgrade-request.js';

export interface ConnectionLimitsOptions {
  maxConnections: number;
  maxConnectionsPerIp: number;
  maxConnectsPerIpPerMinute: number;
}

const minuteMs = 60_000;

interface Address {
  connections: number;
  attempts: MessageRate;
  lastAttempt: number;
}

/** How many connections there are and may be: in this process, from one address, and in one minute from one address. */
export class ConnectionLimits {
  readonly #addresses = new Map<string, Address>();
  #connections = 0;

  constructor(readonly options: ConnectionLimitsOptions) {}

  get connections(): number {
    return this.#connections;
  }

  /** Takes a place for a connection, or says why there is none. A place is given back with `release`. */
  admit(ip: string, now: number): Refusal | undefined {
    const { maxConnections, maxConnectionsPerIp, maxConnectsPerIpPerMinute } = this.options;
    const key = addressKey(ip);
    const address = this.#addresses.get(key) ?? { connections: 0, attempts: new MessageRate(), lastAttempt: now };
    this.#addresses.set(key, address);
    address.lastAttempt = now;
    if (!address.attempts.allow(now, maxConnectsPerIpPerMinute, minuteMs)) {
      return refuse(429, 'Too many connection attempts from this address', { 'Retry-After': '60' });
    }
    if (address.connections >= maxConnectionsPerIp) {
      return refuse(429, 'Too many connections from this address', { 'Retry-After': '60' });
    }
    if (this.#connections >= maxConnections) {
      return refuse(503, 'This server has all the connections it may have', { 'Retry-After': '10' });
    }
    address.connections++;
    this.#connections++;
    return undefined;
  }

  release(ip: string): void {
    const address = this.#addresses.get(addressKey(ip));
    if (address !== undefined) address.connections--;
    this.#connections--;
  }

  /** Forgets addresses that have no connection and whose attempts count no more. */
  prune(now: number): void {
    for (const [key, address] of this.#addresses) {
      if (address.connections === 0 && now - address.lastAttempt > 2 * minuteMs) this.#addresses.delete(key);
    }
  }
}
