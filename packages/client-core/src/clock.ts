/** Where a client takes the time from. Tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the epoch: unlike timers and `performance.now()`, this goes on while a computer sleeps. */
  now(): number;
  /** Runs `task` once, `ms` milliseconds from now. Returns the way to call it off, which may be called again. */
  after(ms: number, task: () => void): () => void;
}

/** The platform's time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
