import type { Engine, Gateway } from '@roomcast/engine';
import type { Speech } from '../loader/speech.js';

/** A dialect that is mounted. */
export interface Served {
  publish(room: string, event: unknown): unknown;
  /** What the publish API over HTTP needs, where there is a gateway. */
  readonly gateway?: Gateway;
}

/** One of our wires as the benchmark serves it and speaks it. */
export interface Dialect {
  readonly speech: Speech;
  serve(engine: Engine): Served | Promise<Served>;
}

/** Limits that are on, and far above what the loader does. */
export const wideLimits = {
  maxMessages: 10_000_000,
  maxConnectionsPerIdentity: 100_000,
};
