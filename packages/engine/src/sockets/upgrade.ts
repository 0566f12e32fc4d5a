import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.js';
import { MountConflictError } from '../errors.js';
import { isPromise } from '../handlers.js';
import type { Logger } from '../observe/logger.js';
import type { Counters } from '../observe/stats.js';
import type { ConnectionLimits } from './connection-limits.js';
import { handshakeProblem } from './handshake.js';
import { type OriginPolicy, originAllowed } from './origin.js';
import { Refusal, refuse, writeRefusal } from './refusal.js';
import { readUpgradeRequest, type UpgradeRequest } from './upgrade-request.js';
import type { Acceptance, Wire } from './wire.js';

export interface UpgradesOptions {
  limits: ConnectionLimits;
  clock: Clock;
  logger: Logger;
  trustProxy: number;
}

/** What upgrades are led to: a mount, whatever it keeps about its sessions. */
export interface UpgradeTarget {
  readonly name: string;
  readonly limits: { readonly origins: OriginPolicy };
  readonly wire: Pick<Wire<unknown>, 'accept' | 'refusal'>;
  readonly counters: Counters;
  /** Why a connection that the wire accepts gets no place all the same. */
  refuses(acceptance: Acceptance<unknown>): Refusal | undefined;
  /** Begins the session of a request that is valid and accepted. */
  open(request: UpgradeRequest, socket: Duplex, head: Buffer, acceptance: Acceptance<unknown>): void;
}

/** Does what is to be done with an upgrade request that nobody has looked at yet. */
export type UpgradeHandler = (request: UpgradeRequest, socket: Duplex, head: Buffer) => void;

/** Leads upgrade requests to the mount of their path, past origin, admission and identity. */
export class Upgrades {
  readonly #mounts = new Map<string, UpgradeTarget>();
  readonly #foreign = new Map<UpgradeTarget, UpgradeHandler>();
  #forwardedHeaderSeen = false;
  draining = false;

  constructor(readonly options: UpgradesOptions) {}

  /** Takes paths for a mount; refuses all of them where one is taken. */
  add(mount: UpgradeTarget, paths: readonly string[]): void {
    for (const path of paths) {
      const taken = this.#mounts.get(path);
      if (taken !== undefined) throw new MountConflictError('path', path, taken.name);
    }
    for (const path of paths) this.#mounts.set(path, mount);
  }

  /** Hands the requests for a mount's paths to a library that owns its sockets. */
  handOver(mount: UpgradeTarget, handler: UpgradeHandler): void {
    this.#foreign.set(mount, handler);
  }

  /** Answers an upgrade request, or returns false where its path is not ours and touches nothing. */
  handle(raw: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const request = readUpgradeRequest(raw, this.options.trustProxy);
    const mount = request && this.#mounts.get(request.path);
    if (request === undefined || mount === undefined) return false;
    this.#warnOfProxy(raw);
    // A client that goes away before the handshake is done must not end the process.
    socket.on('error', ignore);
    const handOver = this.#foreign.get(mount);
    if (handOver !== undefined) handOver(request, socket, head);
    else void this.#admit(mount, request, socket, head);
    return true;
  }

  /** Why a connection may not begin, whoever owns its socket: the server is draining, or the origin is not allowed. */
  refusal(mount: Pick<UpgradeTarget, 'name' | 'limits'>, request: UpgradeRequest): Refusal | undefined {
    if (this.draining) return this.#lateRefusal();
    if (originAllowed(mount.limits.origins, request.headers)) return undefined;
    this.options.logger.warn(
      { mount: mount.name, origin: request.headers.origin },
      'a page of an origin that is not allowed tried to connect',
    );
    return refuse(403, 'Origin not allowed');
  }

  async #admit(mount: UpgradeTarget, request: UpgradeRequest, socket: Duplex, head: Buffer): Promise<void> {
    const { limits, clock } = this.options;
    const refused = this.refusal(mount, request) ?? limits.admit(request.ip, clock.now());
    if (refused !== undefined) {
      this.#refuse(mount, socket, refused);
      return;
    }
    let opened = false;
    try {
      // Only a promise is awaited: a synchronous `accept` must see the handshake done before the next event.
      const answer = mount.wire.accept(request);
      const accepted = isPromise(answer) ? await answer : answer;
      if (!socket.readable || !socket.writable) {
        socket.destroy();
        return;
      }
      if (accepted instanceof Refusal) {
        this.#refuse(mount, socket, accepted);
        return;
      }
      // Only now: a wire may know more about its clients' requests, and have words of its own for what is wrong.
      const refusal = handshakeProblem(request) ?? this.#lateRefusal() ?? mount.refuses(accepted);
      if (refusal !== undefined) {
        this.#refuse(mount, socket, refusal);
        return;
      }
      mount.open(request, socket, head, accepted);
      opened = true;
    } catch (error) {
      this.#failed(mount, error, 'accepting a connection failed');
      this.#refuse(mount, socket, refuse(500));
    } finally {
      socket.off('error', ignore);
      if (!opened) {
        socket.on('error', ignore);
        limits.release(request.ip);
      }
    }
  }

  #lateRefusal(): Refusal | undefined {
    return this.draining ? refuse(503, 'This server is shutting down', { 'Retry-After': '1' }) : undefined;
  }

  #refuse(mount: UpgradeTarget, socket: Duplex, refusal: Refusal): void {
    let answer = refusal;
    try {
      answer = mount.wire.refusal?.(refusal) ?? refusal;
    } catch (error) {
      this.#failed(mount, error, 'giving a refusal its form failed');
    }
    mount.counters.countRefused(answer.status);
    writeRefusal(socket, answer);
  }

  #failed(mount: UpgradeTarget, error: unknown, message: string): void {
    mount.counters.failures++;
    this.options.logger.error({ mount: mount.name, err: error }, message);
  }

  #warnOfProxy(raw: IncomingMessage): void {
    if (this.#forwardedHeaderSeen || this.options.trustProxy > 0) return;
    if (raw.headers['x-forwarded-for'] === undefined) return;
    this.#forwardedHeaderSeen = true;
    this.options.logger.warn(
      {},
      'X-Forwarded-For arrives but trustProxy is 0: behind a proxy all clients look like one address',
    );
  }
}

function ignore(): void {}
