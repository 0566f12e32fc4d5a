import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { RoomcastError } from '../errors.js';
import type { Mount, MountOptions } from '../mount.js';
import { ForeignSession, type ForeignSocket } from '../rooms/foreign-session.js';
import type { Newcomer } from '../rooms/session.js';
import type { ConnectionLimits } from './connection-limits.js';
import { type Refusal, writeRefusal } from './refusal.js';
import type { Upgrades } from './upgrade.js';
import { readUpgradeRequest, type UpgradeRequest } from './upgrade-request.js';
import type { Wire } from './wire.js';

/** A protocol whose sockets another library owns: what it says, and what it does with upgrades of its paths. */
export interface ForeignMountOptions<Data, Event> extends Omit<MountOptions<Data, Event>, 'wire'> {
  wire: Pick<Wire<Data>, 'close' | 'removed' | 'farewell'>;
  /** An upgrade request for one of the paths, with nothing checked yet and nothing answered. */
  upgrade(request: UpgradeRequest, socket: Duplex, head: Buffer): void;
}

/** What a foreign mount needs of the engine. */
export interface ForeignHost {
  readonly limits: ConnectionLimits;
  readonly upgrades: Upgrades;
  readonly trustProxy: number;
  now(): number;
}

/**
 * A mount for connections whose sockets another library owns, such as Socket.IO's: admission, identities, deadlines,
 * rooms, topics, counters and draining are the engine's, while bytes go in and out by the library. What `mount.deliver`
 * selects gets nothing here.
 */
export class ForeignMount<Data = unknown, Event = unknown> {
  constructor(
    readonly mount: Mount<Data, Event>,
    readonly host: ForeignHost,
  ) {}

  /** A request as limits and guards see it; undefined where its target is no path. */
  read(raw: IncomingMessage): UpgradeRequest | undefined {
    return readUpgradeRequest(raw, this.host.trustProxy);
  }

  /** Why a connection may not begin: the server is draining, or a page's origin is not allowed. */
  refusal(request: UpgradeRequest): Refusal | undefined {
    return this.host.upgrades.refusal(this.mount, request);
  }

  /** Takes a place for a connection, or says why there is none. Where no `open` follows, `release` gives it back. */
  admit(ip: string): Refusal | undefined {
    return this.host.limits.admit(ip, this.host.now());
  }

  release(ip: string): void {
    this.host.limits.release(ip);
  }

  /** Answers an upgrade request with a refusal, and counts it. */
  refuse(socket: Duplex, refusal: Refusal): void {
    this.mount.counters.countRefused(refusal.status);
    writeRefusal(socket, refusal);
  }

  /** A connection that was admitted has begun. It ends with `session.ended`, which gives its place back. */
  open(ip: string, socket: ForeignSocket, newcomer: Newcomer<Data>): ForeignSession<Data> {
    const session = new ForeignSession<Data>(this.mount, socket, ip, newcomer, this.mount.host.flusher);
    this.mount.sessions.add(session);
    this.mount.counters.opened++;
    return session;
  }
}

/** The wire of a foreign mount: nothing reaches it by the engine's own sockets. */
export function foreignWire<Data>(wire: ForeignMountOptions<Data, unknown>['wire']): Wire<Data> {
  const neverAsked = () => {
    throw new RoomcastError('connections of a foreign mount do not come by the engine');
  };
  return { ...wire, accept: neverAsked, message: neverAsked };
}
