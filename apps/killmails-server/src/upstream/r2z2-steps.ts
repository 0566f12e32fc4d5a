/** What the feed asks for next. */
export type Task = Locate | Read;

/** Asks `sequence.json` where the feed is. */
interface Locate {
  readonly name: 'locate';
  readonly failures: number;
  /** The file that could not be had, which is why it asks; undefined at the very beginning. */
  readonly stuck: Read | undefined;
}

/** Asks for one killmail. */
interface Read {
  readonly name: 'read';
  readonly sequence: number;
  /** Times it was not there (404). */
  readonly misses: number;
  /** Times it could not be parsed. */
  readonly garbled: number;
  /** Times in a row that there was no good answer at all. */
  readonly failures: number;
  /** Where to go on, or back to, when this file cannot be had either. */
  readonly otherwise: number | undefined;
  /** What `sequence.json` said last. */
  readonly pointer: number | undefined;
}

/** How a task went. */
export type Outcome =
  | { readonly kind: 'pointer'; readonly sequence: number }
  | { readonly kind: 'published' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'garbled'; readonly reason: string }
  | { readonly kind: 'throttled'; readonly retryAfterMs: number | undefined }
  | { readonly kind: 'failed'; readonly reason: string };

interface Warning {
  readonly text: string;
  readonly fields: object;
}

interface Step {
  readonly task: Task;
  /** Before the next request. */
  readonly waitMs: number;
  readonly warning?: Warning;
}

/** zKillboard's rules for the feed, and what we add to them. */
export interface R2z2Timings {
  /** After a 404. zKillboard asks for 6 s or more. @default 6000 */
  readonly missWaitMs: number;
  /** 404s in a row before `sequence.json` is asked. @default 10 */
  readonly maxMisses: number;
  /** After a 429: between this and twice as long, more where `Retry-After` says so. @default 10000 */
  readonly throttleMs: number;
  /** A `Retry-After` beyond this is cut to it. @default 600000 */
  readonly maxRetryAfterMs: number;
  /** The first and the longest wait after a failure. @default 1000 and 60000 */
  readonly backOffMs: number;
  readonly maxBackOffMs: number;
  /** Failures in a row at one file before it is given up, if the feed is well otherwise. @default 10 */
  readonly maxFailures: number;
  /** Before a body that does not parse is asked for again. @default 2000 */
  readonly garbledWaitMs: number;
  /** How often it is asked for again. @default 3 */
  readonly maxGarbledRetries: number;
}

export const r2z2Timings: R2z2Timings = Object.freeze({
  missWaitMs: 6000,
  maxMisses: 10,
  throttleMs: 10_000,
  maxRetryAfterMs: 600_000,
  backOffMs: 1000,
  maxBackOffMs: 60_000,
  maxFailures: 10,
  garbledWaitMs: 2000,
  maxGarbledRetries: 3,
});

export const locate: Locate = { name: 'locate', failures: 0, stuck: undefined };

export function read(sequence: number, pointer?: number, otherwise?: number): Read {
  return { name: 'read', sequence, misses: 0, garbled: 0, failures: 0, otherwise, pointer };
}

/** What comes after a task that went so. Pure; `random` is from 0 to below 1. */
export function next(task: Task, outcome: Outcome, timings: R2z2Timings, random: number): Step {
  switch (outcome.kind) {
    case 'pointer':
      return { waitMs: 0, ...located(task, outcome.sequence) };
    case 'published':
      return { task: task.name === 'read' ? read(task.sequence + 1, task.pointer) : task, waitMs: 0 };
    case 'missing':
      return task.name === 'read' ? missing(task, timings) : failed(task, 'not found (404)', timings, random);
    case 'garbled':
      return task.name === 'read'
        ? garbled(task, outcome.reason, timings)
        : failed(task, outcome.reason, timings, random);
    case 'throttled': {
      const { throttleMs, maxRetryAfterMs } = timings;
      const asked = Math.min(outcome.retryAfterMs ?? 0, maxRetryAfterMs);
      const waitMs = Math.max(asked, throttleMs * (1 + random));
      return { task, waitMs, warning: warn('the feed asks us to slow down (429)', { waitMs }) };
    }
    case 'failed':
      return failed(task, outcome.reason, timings, random);
  }
}

function missing(task: Read, { missWaitMs: waitMs, maxMisses }: R2z2Timings): Step {
  if (task.otherwise !== undefined) return goOn(task, task.otherwise, waitMs);
  const missed = { ...task, misses: task.misses + 1, failures: 0 };
  return { task: missed.misses < maxMisses ? missed : { ...locate, stuck: missed }, waitMs };
}

function garbled(task: Read, reason: string, { garbledWaitMs, maxGarbledRetries }: R2z2Timings): Step {
  const tried = { ...task, garbled: task.garbled + 1, failures: 0 };
  if (tried.garbled <= maxGarbledRetries) return { task: tried, waitMs: garbledWaitMs };
  const { sequence } = task;
  const warning = warn('a killmail of the feed cannot be read: skipped', { sequence, reason });
  return { task: read(sequence + 1, task.pointer), waitMs: 0, warning };
}

/** Backs off with jitter. A single file that fails again and again must not hold up all that come after it. */
function failed(task: Task, reason: string, timings: R2z2Timings, random: number): Step {
  const failures = task.failures + 1;
  const { backOffMs, maxBackOffMs } = timings;
  const waitMs = backOffMs / 2 + random * Math.min(maxBackOffMs, backOffMs * 2 ** (failures - 1));
  if (task.name === 'read' && task.otherwise !== undefined) return goOn(task, task.otherwise, waitMs);
  const tried = { ...task, failures };
  const givesUp = tried.name === 'read' && failures >= timings.maxFailures;
  const warning = warn('the feed does not answer as it should', { asked: subject(task), reason, failures });
  return { task: givesUp ? { ...locate, stuck: tried } : tried, waitMs, warning };
}

function goOn(from: Read, sequence: number, waitMs: number): Step {
  const task = read(sequence, from.pointer);
  if (sequence < from.sequence) return { task, waitMs };
  const fields = { from: from.sequence, to: sequence };
  return { task, waitMs, warning: warn('files of the feed are missing: skipped', fields) };
}

/**
 * Where to read after `sequence.json` said how far the feed is. zKillboard writes it anew only every 50 killmails or so:
 * behind the next file it usually is, and tells nothing then.
 */
function located(task: Task, pointer: number): Pick<Step, 'task' | 'warning'> {
  const stuck = task.name === 'locate' ? task.stuck : task;
  if (stuck === undefined) return { task: read(pointer, pointer) };
  const { sequence } = stuck;
  if (stuck.failures > 0 && pointer > sequence) {
    // Where the file after it fails too it is no matter of this one file, and nothing is skipped.
    const warning = warn('a file of the feed fails again and again: trying the next', { sequence });
    return { task: read(sequence + 1, pointer, sequence), warning };
  }
  if (pointer > sequence) {
    // One missing file is common, and the next ones are there then.
    const after = sequence + 1;
    const warning = warn('a file of the feed is missing: skipped', { sequence, pointer });
    return { task: read(after, pointer, pointer > after ? pointer : undefined), warning };
  }
  // Going back to it once is enough: what was read before is dropped as seen.
  const goesBack = pointer < sequence - 1 && pointer !== stuck.pointer;
  return { task: read(goesBack ? pointer : sequence, pointer) };
}

function subject(task: Task): string {
  return task.name === 'read' ? `${task.sequence}.json` : 'sequence.json';
}

function warn(text: string, fields: object): Warning {
  return { text, fields };
}
