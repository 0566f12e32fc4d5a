import { type ProcessTime, processTimeOf, stolenMicrosOf } from './usage.js';

/** One figure of one measurement. With a doubt it counts for no verdict. */
export interface Sample {
  readonly value: number;
  readonly doubt?: string;
}

export type Samples = Readonly<Record<string, Sample>>;

/** Who is measured, and the cores that the two sides run on; -1 where they are not pinned. */
export interface Placement {
  readonly pid: number;
  readonly serverCore: number;
  readonly loaderCore: number;
}

/** What happened between two readings. */
export interface Reading {
  /** CPU time of the server, in microseconds. */
  readonly serverMicros: number;
  /** And of the loader. */
  readonly loaderMicros: number;
  readonly seconds: number;
  readonly doubt: string | undefined;
  /** What others took of either side: another time it may be nothing. */
  readonly disturbance: string | undefined;
}

/**
 * Above this share of its core the loader may have been what limited the throughput. How busy the server was does not
 * matter: one that waits for a loader turns its loop for a few messages at a time, and is as busy as the loader is slow.
 */
const saturated = 0.95;
/** The share of the time that other processes may keep a side waiting before a figure is in doubt. */
const maxWaited = 0.05;
/** And that the host may take of its core. */
const maxStolen = 0.03;

/** Reads what the server and the loader have had of their cores since it was made, and what others kept from them. */
export class Meter {
  /** What disturbed the first reading of this process that was disturbed. */
  static disturbance: string | undefined;
  readonly #placement: Placement;
  readonly #start: Snapshot;

  constructor(placement: Placement) {
    this.#placement = placement;
    this.#start = snapshot(placement);
  }

  /**
   * @param paced the loader waits for its clock, busily: that its core is busy says nothing then.
   * @param shared others than the loader have work on its core.
   */
  read({ paced = false, shared = false } = {}): Reading {
    const reading = readingOf(this.#start, snapshot(this.#placement), { paced, shared });
    Meter.disturbance ??= reading.disturbance;
    return reading;
  }
}

/** What one of the two sides has had until a moment, and what it did not get, in microseconds. */
export interface SideTime extends ProcessTime {
  /** Taken of its core by other guests of the same host. */
  readonly stolen: number | undefined;
}

export interface Snapshot {
  readonly atMicros: number;
  readonly server: SideTime;
  readonly loader: SideTime;
}

function snapshot({ pid, serverCore, loaderCore }: Placement): Snapshot {
  return {
    atMicros: performance.now() * 1000,
    server: sideTime(pid, serverCore),
    loader: sideTime(process.pid, loaderCore),
  };
}

function sideTime(pid: number, core: number): SideTime {
  return { ...processTimeOf(pid), stolen: stolenMicrosOf(core) };
}

/** What was used between two moments, and why it may not count. */
export function readingOf(from: Snapshot, to: Snapshot, { paced = false, shared = false } = {}): Reading {
  const wall = to.atMicros - from.atMicros;
  const serverMicros = to.server.ran - from.server.ran;
  const loaderMicros = to.loader.ran - from.loader.ran;
  const disturbance =
    disturbanceOf('the server', from.server, to.server, wall) ??
    (shared ? undefined : disturbanceOf('the loader', from.loader, to.loader, wall));
  const full = !paced && loaderMicros / wall > saturated;
  const doubt = full ? `the loader was saturated (its core ${percent(loaderMicros / wall)} busy)` : disturbance;
  return { serverMicros, loaderMicros, seconds: wall / 1e6, doubt, disturbance };
}

function disturbanceOf(who: string, from: SideTime, to: SideTime, wall: number): string | undefined {
  const stolen = ((to.stolen ?? 0) - (from.stolen ?? 0)) / wall;
  if (stolen > maxStolen) return `the host took ${percent(stolen)} of ${who}'s core`;
  const waited = ((to.waited ?? 0) - (from.waited ?? 0)) / wall;
  return waited > maxWaited ? `other processes kept ${who} waiting for ${percent(waited)} of the time` : undefined;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A figure with the doubt of its reading. */
export function sample(value: number, doubt?: string): Sample {
  return doubt === undefined ? { value } : { value, doubt };
}
