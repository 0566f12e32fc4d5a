/** Ends what it was given for. Calling it again does nothing. */
export type Stop = () => void;

/** Where the engine takes the time from. Tests pass one that they move by hand. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `task` every `ms` milliseconds. */
  every(ms: number, task: () => void): Stop;
  /** Runs `task` once, `ms` milliseconds from now. */
  after(ms: number, task: () => void): Stop;
}

/** The machine's time. Its timers never keep a process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  every(ms, task) {
    const timer = setInterval(task, ms).unref();
    return () => clearInterval(timer);
  },
  after(ms, task) {
    const timer = setTimeout(task, ms).unref();
    return () => clearTimeout(timer);
  },
};
