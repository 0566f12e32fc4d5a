import type { Engine, Share } from '@roomcast/engine';
import type { ConnectionStats } from '@roomcast/raffle-protocol';
import { firstMinuteOf, HourlyCount, minuteOf } from './hourly-count.js';

/** How long changes wait before the other instances are told, in milliseconds. */
const tellAfterMs = 1000;
/** Rooms listed at most: anybody may ask, and each connection may name a hundred rooms. */
const maxRooms = 10_000;

/** This instance, as it is now. */
export interface Local {
  readonly connections: number;
  readonly authenticated: number;
  /** The room filters in use, each with its connections. */
  rooms(): Iterable<[room: string, connections: number]>;
  room(room: string): number;
}

/**
 * The statistics of the whole cluster: this instance's figures as they are, those of the others as they last told,
 * about a second ago.
 */
export class Figures {
  readonly #sent = new HourlyCount();
  readonly #counts: Share<number>;
  readonly #rooms: Share<number>;
  readonly #changedRooms = new Set<string>();
  readonly #engine: Pick<Engine, 'cluster' | 'options'>;
  #telling = false;
  #toldUntil: number;

  constructor(
    engine: Pick<Engine, 'cluster' | 'options'>,
    name: string,
    readonly local: Local,
  ) {
    this.#engine = engine;
    this.#counts = engine.cluster.share(`${name}.counts`);
    this.#rooms = engine.cluster.share(`${name}.rooms`);
    this.#toldUntil = minuteOf(this.#now);
  }

  /** Frames of an event went out. */
  sent(frames: number): void {
    if (frames === 0) return;
    this.#sent.add(frames, this.#now);
    this.changed();
  }

  roomChanged(room: string): void {
    if (this.#engine.options.bus !== undefined) this.#changedRooms.add(room);
    this.changed();
  }

  /** Something is different here: the others are told soon. */
  changed(): void {
    const { bus, clock } = this.#engine.options;
    if (this.#telling || bus === undefined) return;
    this.#telling = true;
    clock.after(tellAfterMs, () => this.#tell());
  }

  read(): ConnectionStats {
    const now = this.#now;
    let sent = this.#sent.total(now);
    for (let minute = firstMinuteOf(now); minute <= minuteOf(now); minute++) sent += this.#others(`${minute}`);
    return {
      total_connections: this.local.connections + this.#others('connections'),
      authenticated_connections: this.local.authenticated + this.#others('authenticated'),
      active_rooms: Object.fromEntries(this.#activeRooms()),
      events_sent_last_hour: sent,
    };
  }

  get #now(): number {
    return this.#engine.options.clock.now();
  }

  #others(key: string): number {
    return sumOf(this.#counts, key) - (this.#counts.own(key) ?? 0);
  }

  *#activeRooms(): IterableIterator<[room: string, connections: number]> {
    let listed = 0;
    for (const [room, connections] of this.local.rooms()) {
      if (listed++ === maxRooms) return;
      yield [room, connections + sumOf(this.#rooms, room) - (this.#rooms.own(room) ?? 0)];
    }
    for (const room of this.#rooms.keys()) {
      if (this.local.room(room) > 0) continue;
      const elsewhere = sumOf(this.#rooms, room) - (this.#rooms.own(room) ?? 0);
      if (elsewhere === 0) continue;
      if (listed++ === maxRooms) return;
      yield [room, elsewhere];
    }
  }

  /** Minutes are told one by one, so that the others can let them go as they pass, with nothing more said. */
  #tell(): void {
    this.#telling = false;
    this.#put('connections', this.local.connections);
    this.#put('authenticated', this.local.authenticated);
    const now = this.#now;
    const first = firstMinuteOf(now);
    for (let minute = Math.max(first, this.#toldUntil); minute <= minuteOf(now); minute++) {
      this.#put(`${minute}`, this.#sent.at(minute));
    }
    for (let minute = this.#toldUntil - 60; minute <= this.#toldUntil && minute < first; minute++) {
      this.#counts.set(`${minute}`, undefined);
    }
    this.#toldUntil = minuteOf(now);
    for (const room of this.#changedRooms) this.#rooms.set(room, this.local.room(room) || undefined);
    this.#changedRooms.clear();
  }

  #put(key: string, value: number): void {
    if (value !== (this.#counts.own(key) ?? 0)) this.#counts.set(key, value || undefined);
  }
}

function sumOf(share: Share<number>, key: string): number {
  let sum = 0;
  for (const value of share.values(key)) sum += value;
  return sum;
}
