import { type CoreTime, coreTime, cpuMicrosOf } from './usage.js';

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
}

/** Above this share of its core the loader may have been what limited the throughput. */
const saturated = 0.95;
/** Below this share of its core the server was not what limited it. */
const serverIdle = 0.9;
/** The share of a core that others may take before a figure is in doubt. */
const maxForeign = 0.1;
const maxStolen = 0.03;

/** Reads what the server, the loader and everybody else used of the two cores since it was made. */
export class Meter {
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
    const to = snapshot(this.#placement);
    return readingOf(this.#start, to, { paced, shared });
  }
}

/** What has been used until a moment, in microseconds. */
export interface Snapshot {
  readonly atMicros: number;
  readonly server: number;
  readonly loader: number;
  readonly serverCore: CoreTime | undefined;
  readonly loaderCore: CoreTime | undefined;
}

function snapshot({ pid, serverCore, loaderCore }: Placement): Snapshot {
  const own = process.cpuUsage();
  return {
    atMicros: performance.now() * 1000,
    server: cpuMicrosOf(pid),
    loader: own.user + own.system,
    serverCore: coreTime(serverCore),
    loaderCore: coreTime(loaderCore),
  };
}

/** What was used between two moments, and why it may not count. */
export function readingOf(from: Snapshot, to: Snapshot, { paced = false, shared = false } = {}): Reading {
  const wall = to.atMicros - from.atMicros;
  const serverMicros = to.server - from.server;
  const loaderMicros = to.loader - from.loader;
  const full = !paced && loaderMicros / wall > saturated && serverMicros / wall < serverIdle;
  const doubt = full
    ? `the loader was saturated (its core ${percent(loaderMicros / wall)} busy, the server ${percent(serverMicros / wall)})`
    : (disturbance("the server's", from.serverCore, to.serverCore, serverMicros, wall) ??
      (shared ? undefined : disturbance("the loader's", from.loaderCore, to.loaderCore, loaderMicros, wall)));
  return { serverMicros, loaderMicros, seconds: wall / 1e6, doubt };
}

function disturbance(
  whose: string,
  from: CoreTime | undefined,
  to: CoreTime | undefined,
  ownMicros: number,
  wall: number,
): string | undefined {
  if (from === undefined || to === undefined) return undefined;
  const stolen = (to.stolenMicros - from.stolenMicros) / wall;
  if (stolen > maxStolen) return `the host took ${percent(stolen)} of ${whose} core`;
  const foreign = (to.busyMicros - from.busyMicros - ownMicros) / wall;
  return foreign > maxForeign ? `other processes took ${percent(foreign)} of ${whose} core` : undefined;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A figure with the doubt of its reading. */
export function sample(value: number, doubt?: string): Sample {
  return doubt === undefined ? { value } : { value, doubt };
}
