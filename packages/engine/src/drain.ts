import type { Clock } from './clock.js';
import type { Session } from './rooms/session.js';

/** Between two batches of farewells. */
const batchEveryMs = 100;
/** The share of the time over which farewells are spread; the rest is for the last of them to finish. */
const staggerShare = 0.7;
/** A batch is at least this many: a small server is gone at once. */
const minBatch = 100;

/**
 * Says goodbye to all sessions (1012), a batch at a time, so that their clients do not come back to the next instance
 * in one moment. Resolves when all are gone, at the latest after `withinMs`, when the rest are cut off.
 */
export async function drainSessions(
  sessions: () => Iterable<Session<unknown>>,
  { clock, withinMs }: { clock: Clock; withinMs: number },
): Promise<void> {
  const leaving = [...sessions()];
  const batches = Math.max(1, Math.floor((withinMs * staggerShare) / batchEveryMs));
  const size = Math.max(minBatch, Math.ceil(leaving.length / batches));
  const deadline = clock.now() + withinMs;
  for (let start = 0; start < leaving.length; start += size) {
    if (start > 0) await wait(clock, batchEveryMs);
    for (const session of leaving.slice(start, start + size)) session.dismiss('restart');
  }
  while (clock.now() < deadline && some(sessions())) await wait(clock, Math.min(20, withinMs));
  for (const session of sessions()) session.terminate();
}

function some(sessions: Iterable<unknown>): boolean {
  for (const _ of sessions) return true;
  return false;
}

function wait(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
