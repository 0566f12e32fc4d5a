import { type BackOffLimits, backOffMs, ClientError, type Clock, type Deferred, deferred } from '@roomcast/client-core';
import { type ClientMessage, type ErrorCode, isAssigned } from '@roomcast/falcon-protocol';
import { isAnswer, MessageRejectedError } from './errors.js';
import { Holds } from './holds.js';

export interface RoomsHost {
  readonly clock: Clock;
  readonly backOff: BackOffLimits;
  random(): number;
  /**
   * Resolves when the server has done it, or to why it has not.
   * @param done the code of a refusal which says that all is as it was wanted
   */
  ask(message: ClientMessage, done?: ErrorCode): Promise<ClientError | undefined>;
  /** There is something to flush. */
  changed(): void;
  onRooms(rooms: readonly string[]): void;
  /** The server let the connection into a room later than when it was first asked. */
  onLate(room: string): void;
}

/** A caller's wish to be in a room. */
export interface RoomHold {
  /**
   * Resolves when the connection is in the room: a personal or group room is the server's to assign. Rejects when the
   * server refuses, and when everybody has left. Need not be awaited.
   */
  readonly joined: Promise<void>;
  /** Wants it no more, which may be said again. The connection leaves with the last who wanted it. */
  leave(): void;
}

/** The rooms that callers want to be in, and those that the connection is in. */
export class Rooms {
  #joined: readonly string[] = [];
  readonly #holds: Holds;
  /** Those that are wanted and have not been answered yet. */
  readonly #awaited = new Map<string, Deferred<void>>();
  /** Those that the server can't decide about at the moment. */
  readonly #late = new Set<string>();
  #retries = 0;
  #cancelRetry = () => {};

  constructor(private readonly host: RoomsHost) {
    this.#holds = new Holds(() => host.changed());
  }

  get joined(): readonly string[] {
    return this.#joined;
  }

  hold(room: string): RoomHold {
    const isIn = this.#joined.includes(room);
    // Refused before, or shown out: the answer may be another by now.
    if (!isIn && !this.#awaited.has(room)) this.#holds.forget(room);
    return { joined: isIn ? Promise.resolve() : this.#await(room), leave: this.#holds.hold(room) };
  }

  /** Tells the server what it does not know yet, and gives what resolves when it has answered. */
  flush(): Promise<void>[] {
    const { wanted, unwanted } = this.#holds.take();
    for (const room of unwanted) if (!isAssigned(room)) void this.#leave(room);
    return wanted.filter((room) => !isAssigned(room)).map((room) => this.#join(room));
  }

  /** Tells those who wait for a room that nobody wants any more. */
  settle(): void {
    for (const room of this.#awaited.keys()) {
      if (!this.#holds.has(room)) this.#reject(room, new ClientError(`${room} was left before it was joined`));
    }
  }

  /** The server says that the connection is in a room. */
  entered(room: string): void {
    this.#awaited.get(room)?.resolve();
    this.#awaited.delete(room);
    if (!this.#joined.includes(room)) this.#set([...this.#joined, room]);
  }

  /** The server says that the connection is not in a room any more. */
  left(room: string): void {
    if (this.#joined.includes(room)) this.#set(this.#joined.filter((one) => one !== room));
  }

  /** The connection is gone: what is wanted is asked for on the next. */
  interrupted(): void {
    this.#cancelRetry();
    this.#retries = 0;
    this.#late.clear();
    this.#holds.interrupted();
    for (const room of this.#holds.list) void this.#await(room);
    if (this.#joined.length > 0) this.#set([]);
  }

  end(error: ClientError): void {
    this.interrupted();
    for (const room of this.#awaited.keys()) this.#reject(room, error);
  }

  async #join(room: string): Promise<void> {
    const error = await this.host.ask({ type: 'system', data: { action: 'join', room } });
    if (!this.#holds.has(room)) return;
    if (error === undefined) {
      this.entered(room);
      if (this.#late.delete(room)) this.host.onLate(room);
    } else if (error instanceof MessageRejectedError && error.code === 'unavailable') {
      this.#late.add(room);
      this.#holds.forget(room);
      this.#retry();
    } else if (isAnswer(error)) {
      this.#reject(room, error);
    }
  }

  #retry(): void {
    this.#cancelRetry();
    const { clock, backOff, random, changed } = this.host;
    this.#cancelRetry = clock.after(backOffMs(++this.#retries, backOff, random), changed);
  }

  async #leave(room: string): Promise<void> {
    this.left(room);
    // It may have refused to let the connection in, or shown it out.
    await this.host.ask({ type: 'system', data: { action: 'leave', room } }, 'not_in_room');
  }

  #await(room: string): Promise<void> {
    const awaited = this.#awaited.get(room) ?? deferred();
    this.#awaited.set(room, awaited);
    // Whoever does not wait for it is told by the error event.
    awaited.promise.catch(() => {});
    return awaited.promise;
  }

  #reject(room: string, error: ClientError): void {
    this.#awaited.get(room)?.reject(error);
    this.#awaited.delete(room);
  }

  #set(rooms: readonly string[]): void {
    this.#joined = rooms;
    this.host.onRooms(rooms);
  }
}
