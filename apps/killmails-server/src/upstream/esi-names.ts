import type { Clock, Logger } from '@roomcast/engine';
import type { Names } from '@roomcast/killmails-protocol';
import * as z from 'zod';
import { LruMap } from './lru-map.js';
import { type Answer, request } from './request.js';

export interface EsiNamesOptions {
  /** ESI, EVE's own API. */
  url: string;
  userAgent: string;
  clock: Clock;
  logger: Logger;
  /** Asked first; what it knows is not looked up. */
  known: Names;
  /** Names that are remembered; the longest unused goes first. @default 100000 */
  maxNames?: number;
  /** How long `learn` waits at most, in milliseconds. What comes later is there for the next killmail. @default 2000 */
  waitMs?: number;
  /** For one request. @default 10000 */
  timeoutMs?: number;
  /** How long nothing is asked after a failure, unless ESI names a time itself. @default 30000 */
  coolDownMs?: number;
  /** How long an id that ESI does not know is not asked for again. @default 3600000 */
  unknownForMs?: number;
}

/** ESI takes at most this many ids at once. */
const maxIds = 1000;
/** ESI's ids are 32-bit; a larger one would have the whole request refused. */
const maxId = 2 ** 31 - 1;
/** One unknown id has a list refused, and finding it takes a request per halving: a list full of them is given up. */
const maxRequests = 40;
/** Every refusal counts against a limit beyond which ESI refuses everything; far from it we stop. */
const minErrorsLeft = 20;
const compatibilityDate = '2025-12-16';

const answered = z.array(z.object({ id: z.int(), name: z.string() }));

/** Names of characters, corporations and alliances from ESI, remembered. */
export class EsiNames {
  /** What is known by now. */
  readonly names: Names;
  readonly #options: Required<EsiNamesOptions>;
  readonly #cache: LruMap<number, string>;
  /** Ids that ESI does not know, and until when to believe it. */
  readonly #unknown: LruMap<number, number>;
  readonly #stopped = new AbortController();
  #state: 'idle' | 'asking' | 'overdue' = 'idle';
  #coolUntil = 0;

  constructor(options: EsiNamesOptions) {
    const defaults = {
      maxNames: 100_000,
      waitMs: 2000,
      timeoutMs: 10_000,
      coolDownMs: 30_000,
      unknownForMs: 3_600_000,
    };
    this.#options = { ...defaults, ...options, url: options.url.replace(/\/+$/, '') };
    this.#cache = new LruMap(this.#options.maxNames);
    this.#unknown = new LruMap(this.#options.maxNames);
    const { known } = options;
    const cached = (id: number) => this.#cache.get(id);
    this.names = {
      character: cached,
      corporation: cached,
      alliance: cached,
      ship: (id) => known.ship(id) ?? cached(id),
      system: (id) => known.system(id) ?? cached(id),
    };
  }

  /**
   * Asks for the names that are not known yet, and waits for them a bounded time. While an answer is overdue nothing more
   * is asked, so that a slow ESI does not slow the feed down. Never rejects.
   */
  async learn(ids: Iterable<number>): Promise<void> {
    if (this.#state === 'overdue' || this.#isCooling()) return;
    const missing = [...new Set(ids)].filter((id) => this.#isWanted(id));
    if (missing.length === 0) return;
    const { clock, waitMs } = this.#options;
    this.#state = 'asking';
    const asked = this.#ask(missing).then(() => {
      this.#state = 'idle';
    });
    let cancel = () => {};
    const waited = new Promise<void>((resolve) => {
      cancel = clock.after(waitMs, resolve);
    });
    await Promise.race([asked, waited]);
    cancel();
    if (this.#state === 'asking') this.#state = 'overdue';
  }

  /** Gives up what is being asked. */
  stop(): void {
    this.#stopped.abort();
  }

  #isWanted(id: number): boolean {
    if (id < 1 || id > maxId || this.#cache.get(id) !== undefined) return false;
    if ((this.#unknown.get(id) ?? 0) > this.#options.clock.now()) return false;
    const { known } = this.#options;
    return known.ship(id) === undefined && known.system(id) === undefined;
  }

  #isCooling(): boolean {
    return this.#stopped.signal.aborted || this.#options.clock.now() < this.#coolUntil;
  }

  async #ask(ids: readonly number[]): Promise<void> {
    const lists = [];
    for (let start = 0; start < ids.length; start += maxIds) lists.push(ids.slice(start, start + maxIds));
    for (let requests = 0; requests < maxRequests && !this.#isCooling(); requests++) {
      const list = lists.shift();
      if (list === undefined) return;
      const answer = await this.#request(list);
      if (answer.kind === 'refused' && (answer.status === 404 || answer.status === 400)) {
        if (list.length === 1) this.#remember(list, []);
        else lists.unshift(list.slice(0, list.length / 2), list.slice(list.length / 2));
        this.#mindErrorLimit(answer.headers);
      } else {
        this.#receive(list, answer);
      }
    }
  }

  #request(ids: readonly number[]): Promise<Answer> {
    const { url, userAgent, clock, timeoutMs } = this.#options;
    const headers = { 'User-Agent': userAgent, 'X-Compatibility-Date': compatibilityDate };
    const { signal } = this.#stopped;
    return request(`${url}/universe/names/`, { clock, timeoutMs, maxBytes: 1024 * 1024, signal, headers, json: ids });
  }

  #receive(ids: readonly number[], answer: Answer): void {
    const names = answer.kind === 'ok' ? parseNames(answer.body) : undefined;
    if (names !== undefined) this.#remember(ids, names);
    else if (answer.kind === 'refused') {
      this.#coolDown(answer.retryAfterMs ?? resetMs(answer.headers), `HTTP ${answer.status}`);
    } else {
      this.#coolDown(undefined, answer.kind === 'failed' ? answer.reason : 'an answer that is no list of names');
    }
  }

  #remember(ids: readonly number[], names: z.infer<typeof answered>): void {
    const missing = new Set(ids);
    for (const { id, name } of names) if (missing.delete(id)) this.#cache.set(id, name);
    const until = this.#options.clock.now() + this.#options.unknownForMs;
    for (const id of missing) this.#unknown.set(id, until);
  }

  #mindErrorLimit(headers: Headers): void {
    const left = Number(headers.get('X-ESI-Error-Limit-Remain') ?? Number.POSITIVE_INFINITY);
    if (left < minErrorsLeft) this.#coolDown(resetMs(headers), `${left} errors left`);
  }

  #coolDown(ms: number | undefined, reason: string): void {
    const { clock, logger, coolDownMs } = this.#options;
    if (this.#stopped.signal.aborted) return;
    // At most an hour, whatever a broken answer may ask for.
    const waitMs = Math.min(Math.max(ms ?? 0, coolDownMs), 3_600_000);
    this.#coolUntil = clock.now() + waitMs;
    logger.warn({ reason, waitMs }, 'no names from ESI for a while: killmails go out without new ones');
  }
}

/** In how many milliseconds ESI's error limit starts anew. */
function resetMs(headers: Headers): number | undefined {
  const seconds = Number(headers.get('X-ESI-Error-Limit-Reset') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function parseNames(text: string): z.infer<typeof answered> | undefined {
  try {
    const parsed = answered.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // Not JSON: no names either.
    return undefined;
  }
}
