import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type CloseReason,
  closeReasons,
  type ForeignMount,
  type ForeignSession,
  type ForeignSocket,
  type Held,
  MessageRate,
  type Situation,
  type Stop,
} from '@roomcast/engine';
import type { Socket as EngineSocket } from 'engine.io';
import type { Socket } from 'socket.io';
import type { Message } from './messages.js';

/** A packet on its way out, as Engine.IO tells of it. */
interface Packet {
  readonly type: string;
  readonly data?: string | ArrayBufferView;
  readonly options: { readonly wsPreEncodedFrame?: readonly Uint8Array[] };
}

/** Socket.IO's clients come back by themselves unless they are told, politely, that they have been disconnected. */
const staysAway: ReadonlySet<Situation> = new Set([
  'expired',
  'disconnected',
  'tooManyMessages',
  'tooManyConnections',
  'authenticationTimeout',
]);

/** How long what is left of a connection that was closed may linger, in milliseconds. */
const lingerMs = 5000;

/** What a broadcast's packet weighs: it is one and the same for all who are sent it. */
const shared = new WeakMap<object, Held>();

function heldOf({ data = '', options }: Packet): Held {
  const frame = options.wsPreEncodedFrame;
  if (frame === undefined) {
    return { holders: 0, bytes: { length: typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength } };
  }
  const known = shared.get(options);
  if (known !== undefined) return known;
  const held = { holders: 0, bytes: { length: frame.reduce((sum, part) => sum + part.length, 0) } };
  shared.set(options, held);
  return held;
}

export interface ConnectionHost {
  readonly foreign: ForeignMount<Connection, Message<unknown>>;
  readonly connectTimeoutMs: number;
  farewell?(sockets: Iterable<Socket>, situation: Situation): void;
}

/** One Engine.IO connection and its session: what goes in and out is counted, and what the engine decides is done. */
export class Connection implements ForeignSocket {
  readonly session: ForeignSession<Connection>;
  /** Its sockets, one for each namespace it is in. */
  readonly sockets = new Set<Socket>();
  /** Namespaces it asks to be let into, while it is found out who it is. */
  readonly entering = new Set<string>();
  /** Namespaces it was not let into. */
  readonly refused = new Set<string>();
  readonly #rate = new MessageRate();
  readonly #streams = new Set<Duplex>();
  #poll: ServerResponse | null = null;
  #taken: (() => void) | null = null;
  #leaving: Situation | null = null;
  /** Set while what is left of a connection that was closed may linger. */
  #stopWaiting: Stop | null = null;

  constructor(
    readonly conn: EngineSocket,
    readonly host: ConnectionHost,
    ip: string,
  ) {
    this.session = host.foreign.open(ip, this, { data: this });
    this.#mustEnter();
    conn.on('packet', ({ type }: Packet) => {
      if (type === 'message') this.#received();
    });
    conn.on('packetCreate', (packet: Packet) => {
      if (packet.type === 'message') this.session.hold(heldOf(packet));
    });
    conn.on('flush', () => this.#handedOver());
    conn.transport.on('drain', () => this.#drained());
    conn.on('upgrade', (transport: EngineSocket['transport']) => {
      this.#drained();
      transport.on('drain', () => this.#drained());
    });
    conn.once('close', (reason: string) => this.#closed(reason));
  }

  /** A stream that carries it, or a part of it. */
  carriedBy(stream: Duplex): void {
    this.#streams.add(stream);
    stream.once('close', () => {
      this.#streams.delete(stream);
      if (this.#streams.size === 0) this.#stopWaiting?.();
    });
  }

  /** A poll that the next packets answer. */
  polledBy(response: ServerResponse): void {
    this.#poll = response;
    response.once('close', () => {
      if (this.#poll === response) this.#poll = null;
    });
  }

  isIn(namespace: string): boolean {
    for (const socket of this.sockets) if (socket.nsp.name === namespace) return true;
    return false;
  }

  /** A socket is in a namespace. */
  entered(socket: Socket): void {
    this.sockets.add(socket);
    this.session.authenticateBy = 0;
    socket.once('disconnect', () => {
      this.sockets.delete(socket);
      if (this.sockets.size === 0) this.#mustEnter();
    });
  }

  /** The engine is about to end the session. */
  leaving(situation: Situation): void {
    this.#leaving = situation;
    this.host.farewell?.(this.sockets, situation);
  }

  close(): void {
    if (this.#leaving !== null && staysAway.has(this.#leaving)) {
      for (const socket of [...this.sockets]) socket.disconnect();
    }
    if (this.#leaving === 'slow') this.terminate();
    else this.conn.close();
  }

  terminate(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#poll?.destroy();
    this.conn.close(true);
    // A polling transport that is closing already would wait half a minute for a poll.
    this.conn.transport.emit('close');
  }

  /** Who is in no namespace has some time to enter one. */
  #mustEnter(): void {
    const { foreign, connectTimeoutMs } = this.host;
    this.session.authenticateBy = foreign.mount.clock.now() + connectTimeoutMs;
  }

  #received(): void {
    const { session } = this;
    session.active();
    session.host.counters.received++;
    const { messageWindowMs } = this.host.foreign.mount.limits;
    if (session.state !== 'open' || session.maxMessages === 0) return;
    if (this.#rate.allow(session.lastReceivedAt, session.maxMessages, messageWindowMs)) return;
    session.host.logger.warn({ session: session.id, limit: session.maxMessages }, 'a session sends too many messages');
    session.dismiss('tooManyMessages');
  }

  /** A WebSocket says itself when it has taken what it was handed; a poll has when its answer is through. */
  #handedOver(): void {
    const taken = this.session.handedOver();
    if (this.conn.transport.name === 'polling' && this.#poll !== null) this.#poll.once('close', taken);
    else this.#taken = taken;
  }

  #drained(): void {
    this.#taken?.();
    this.#taken = null;
  }

  #closed(reason: string): void {
    this.session.ended(reasonOf(reason));
    // A stream that has just ended by itself is still among them.
    if ([...this.#streams].every(({ destroyed }) => destroyed)) return;
    const { clock } = this.host.foreign.mount;
    this.#stopWaiting = clock.after(lingerMs, () => {
      for (const stream of this.#streams) stream.destroy();
    });
  }
}

/** What a close of Engine.IO's is counted under. */
function reasonOf(reason: string): CloseReason {
  switch (reason) {
    case 'ping timeout':
      return closeReasons.unresponsive;
    case 'parse error':
      return { code: 1002, reason };
    case 'transport error':
      return { code: 1006, reason };
    default:
      return { code: 1005, reason };
  }
}
