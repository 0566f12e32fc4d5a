import type { Server } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** How long the event loop did one thing, in milliseconds. */
export interface LoopHold {
  readonly p99: number;
  readonly longest: number;
}

const resolutionMs = 1;
const nanosPerMs = 1e6;

/** Watches how long the event loop is held. What happened before the latest connection came does not count. */
export function watchLoop(server: Pick<Server, 'on'>): () => LoopHold {
  const delays = monitorEventLoopDelay({ resolution: resolutionMs });
  server.on('connection', () => delays.reset());
  delays.enable();
  // What is recorded is how late a timer came, and that includes its own millisecond.
  const beyond = (nanos: number) => Math.max(0, nanos / nanosPerMs - resolutionMs);
  return () => ({ p99: beyond(delays.percentile(99)), longest: beyond(delays.max) });
}
