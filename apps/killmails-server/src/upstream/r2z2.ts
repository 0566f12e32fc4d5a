import { setImmediate as turn } from 'node:timers/promises';
import type { Clock, Logger } from '@roomcast/engine';
import * as z from 'zod';
import type { Feed, FeedStatus } from '../feed.js';
import { locate, next, type Outcome, type R2z2Timings, r2z2Timings, read, type Task } from './r2z2-steps.js';
import { type Answer, request } from './request.js';

export interface R2z2Options {
  /** The service, without the `/ephemeral`. */
  url: string;
  /** zKillboard refuses requests that do not say who asks. */
  userAgent: string;
  clock: Clock;
  logger: Logger;
  /** The last killmail that was published, of this or an earlier process; undefined: begins where the feed is. */
  position(): number | undefined;
  /** So many before it are read once more, as far as they are there still. @default 0 */
  again?(): number;
  /**
   * Takes a killmail as it came and resolves when it was published; then `published` is told its place. Resolves to what
   * is wrong with it where it is no killmail.
   */
  take(body: unknown): Promise<string | undefined>;
  published(sequence: number): void;
  /** @default what zKillboard asks for */
  timings?: Partial<R2z2Timings>;
  /** Between the starts of two requests, in milliseconds; zKillboard allows fewer than 15 in a second. @default 75 */
  requestGapMs?: number;
  /** For one request. @default 15000 */
  timeoutMs?: number;
  /** Of one killmail; the largest known one has 0.7 MB. @default 16 MiB */
  maxBytes?: number;
  /** From 0 to below 1. @default Math.random */
  random?(): number;
}

type State = 'stopped' | 'locating' | 'reading' | 'caught up' | 'retrying' | 'throttled' | 'failing';

const stateAfter: Readonly<Record<Outcome['kind'], State>> = {
  pointer: 'reading',
  published: 'reading',
  missing: 'caught up',
  garbled: 'retrying',
  throttled: 'throttled',
  failed: 'failing',
};

/** What is read once more is asked for no more often than once, whatever it is by now. */
const rereadable: ReadonlySet<Outcome['kind']> = new Set(['published', 'missing', 'garbled']);

const pointer = z.object({ sequence: z.int().nonnegative() });

/** zKillboard's R2Z2 feed: one numbered JSON file for each killmail, asked for one after the other. */
export class R2z2Feed implements Feed {
  readonly #options: Required<Omit<R2z2Options, 'timings'>>;
  readonly #timings: R2z2Timings;
  #state: State = 'stopped';
  #sequence: number | undefined;
  #stop: AbortController | undefined;
  #ended: Promise<void> = Promise.resolve();
  #lastRequestAt = Number.NEGATIVE_INFINITY;

  constructor({ timings, ...options }: R2z2Options) {
    const defaults = {
      again: () => 0,
      requestGapMs: 75,
      timeoutMs: 15_000,
      maxBytes: 16 * 1024 * 1024,
      random: Math.random,
    };
    this.#options = { ...defaults, ...options, url: options.url.replace(/\/+$/, '') };
    this.#timings = { ...r2z2Timings, ...timings };
  }

  get status(): FeedStatus {
    return { source: 'r2z2', state: this.#state, sequence: this.#sequence };
  }

  start(): void {
    if (this.#stop !== undefined) return;
    const stop = new AbortController();
    this.#stop = stop;
    this.#ended = this.#ended.then(() => this.#follow(stop.signal));
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    this.#stop = undefined;
    await this.#ended;
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { position, again, published, logger, random } = this.#options;
    const known = position();
    this.#sequence = known;
    this.#state = known === undefined ? 'locating' : 'reading';
    let rereads = known === undefined ? 0 : Math.min(known, again());
    let task: Task = known === undefined ? locate : read(known - rereads + 1);
    while (!signal.aborted) {
      await this.#pause(this.#gapMs(), signal);
      if (signal.aborted) break;
      const outcome = await this.#do(task, signal);
      if (signal.aborted && outcome.kind !== 'published') break;
      this.#state = stateAfter[outcome.kind];
      // What was published before is asked for once, and says nothing about how far the feed was read.
      if (rereads > 0 && task.name === 'read' && rereadable.has(outcome.kind)) {
        rereads--;
        task = read(task.sequence + 1);
        continue;
      }
      const step = next(task, outcome, this.#timings, random());
      if (task.name === 'read' && outcome.kind === 'published') {
        this.#sequence = task.sequence;
        published(task.sequence);
      }
      if (step.warning !== undefined) logger.warn({ feed: 'r2z2', ...step.warning.fields }, step.warning.text);
      await this.#pause(step.waitMs, signal);
      task = step.task;
    }
    this.#state = 'stopped';
  }

  async #do(task: Task, signal: AbortSignal): Promise<Outcome> {
    const { url, userAgent, clock, timeoutMs, maxBytes } = this.#options;
    this.#lastRequestAt = clock.now();
    const file = task.name === 'locate' ? 'sequence' : task.sequence;
    const headers = { 'User-Agent': userAgent };
    const answer = await request(`${url}/ephemeral/${file}.json`, { clock, timeoutMs, maxBytes, signal, headers });
    if (answer.kind !== 'ok') return outcomeOf(answer);
    await turn();
    const body = parse(answer.body);
    if (body === undefined) return { kind: 'garbled', reason: 'not JSON' };
    return task.name === 'locate' ? pointerIn(body) : this.#take(body);
  }

  async #take(body: unknown): Promise<Outcome> {
    // In a turn of its own: each of these steps takes milliseconds for a killmail with thousands of attackers.
    await turn();
    const wrong = await this.#options.take(body);
    return wrong === undefined ? { kind: 'published' } : { kind: 'garbled', reason: wrong };
  }

  /** What is left of the gap between two requests. A clock that was set back must not make it longer. */
  #gapMs(): number {
    const { clock, requestGapMs } = this.#options;
    return Math.min(requestGapMs, this.#lastRequestAt + requestGapMs - clock.now());
  }

  /** Waits, unless the feed is stopped. */
  #pause(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.clock.after(ms, done);
      function done() {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
      signal.addEventListener('abort', done);
    });
  }
}

function outcomeOf(answer: Exclude<Answer, { kind: 'ok' }>): Outcome {
  switch (answer.kind) {
    case 'too-large':
      return { kind: 'garbled', reason: 'too large' };
    case 'failed':
      return answer;
    case 'refused':
      if (answer.status === 404) return { kind: 'missing' };
      if (answer.status === 429) return { kind: 'throttled', retryAfterMs: answer.retryAfterMs };
      return { kind: 'failed', reason: `HTTP ${answer.status}` };
  }
}

function pointerIn(body: unknown): Outcome {
  const parsed = pointer.safeParse(body);
  if (!parsed.success) return { kind: 'garbled', reason: 'expected {"sequence": number} in sequence.json' };
  return { kind: 'pointer', sequence: parsed.data.sequence };
}

/** The value of a JSON text, or undefined where it is none. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
