interface Task {
  at: number;
  everyMs: number;
  run(): void;
}

/**
 * Time that a test moves by hand. Fits the engine's `Clock`: tasks run in the order of their times, each seeing `now()`
 * as it was due.
 */
export class ManualClock {
  #now: number;
  readonly #tasks = new Set<Task>();

  constructor(start = Date.UTC(2026, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  every(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, everyMs: ms, run });
  }

  after(ms: number, run: () => void): () => void {
    return this.#add({ at: this.#now + ms, everyMs: 0, run });
  }

  /** Tasks that wait. */
  get pending(): number {
    return this.#tasks.size;
  }

  /** Moves time on, running what falls due; between tasks the event loop gets turns to do its part. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (let due = this.#due(end); due !== undefined; due = this.#due(end)) {
      this.#now = Math.max(this.#now, due.at);
      if (due.everyMs > 0) due.at += due.everyMs;
      else this.#tasks.delete(due);
      due.run();
      await turns(2);
    }
    this.#now = end;
    await turns(2);
  }

  /** Moves time on with nothing run, as for a process that stands still: each task that falls due then runs once, late. */
  skip(ms: number): void {
    this.#now += ms;
    for (const task of this.#tasks) {
      if (task.at < this.#now) task.at = this.#now;
    }
  }

  #add(task: Task): () => void {
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  #due(end: number): Task | undefined {
    let first: Task | undefined;
    for (const task of this.#tasks) if (task.at <= end && (first === undefined || task.at < first.at)) first = task;
    return first;
  }
}

/** Lets the event loop go round. */
export async function turns(count = 1): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}
