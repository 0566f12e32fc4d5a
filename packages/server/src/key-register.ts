import type { Clock, Cluster } from '@roomcast/engine';
import * as z from 'zod';

/** What an instance has of a key: something that is done and has reached the others, or has not reached them. */
type Holding = 'nothing' | 'unspread' | 'done';

export interface KeyRegisterOptions {
  cluster: Cluster;
  clock: Clock;
  /** Names it on the bus. */
  name: string;
  /** How long a key is remembered, in milliseconds. */
  ttlMs: number;
  /** Keys remembered here at most; the oldest is forgotten first. */
  maxKeys: number;
  /** What this instance has of a key, whatever the register says. */
  holds(key: string): Holding;
}

interface Home {
  readonly instance: string;
  readonly expiresAt: number;
  /** It was given while this instance was cut off: another may have the key as well. */
  readonly isDoubtful: boolean;
}

const claim = z.object({ key: z.string(), notAt: z.string().optional() });
const holding = z.enum(['nothing', 'unspread', 'done']);

/** How long all are given to say whether they have a key, in milliseconds: below what the owner itself is given. */
const searchTimeoutMs = 1000;

/**
 * Which instance has a key: each key's owner knows. An owner that has become one only lately, because instances came or
 * went or it was cut off, asks all of them before it gives a key away.
 */
export class KeyRegister {
  readonly #options: KeyRegisterOptions;
  readonly #homes = new Map<string, Home>();
  readonly #searches = new Map<string, Promise<string>>();
  /** When this instance was back after it had been cut off. */
  #backAt = Number.NEGATIVE_INFINITY;

  constructor(options: KeyRegisterOptions) {
    this.#options = options;
    const { cluster, clock, name, holds } = options;
    cluster.answer(`${name}.home`, (value, from) => {
      const { key, notAt } = claim.parse(value);
      return this.#home(key, from, notAt);
    });
    cluster.answer(`${name}.holds`, (key) => holds(z.string().parse(key)));
    cluster.onMembers({
      reachable: () => {
        this.#backAt = clock.now();
      },
    });
  }

  /**
   * The instance that has a key; this one where none had. Undefined where the owner can't be asked.
   *
   * @param notAt an instance that has it no more
   */
  async claim(key: string, notAt?: string): Promise<string | undefined> {
    const { cluster, name } = this.#options;
    const owner = cluster.owner(`${name}/${key}`);
    const parse = (value: unknown) => (typeof value === 'string' ? value : undefined);
    const { answers } = await cluster.ask(`${name}.home`, { key, notAt }, { of: [owner], parse });
    return answers.get(owner);
  }

  async #home(key: string, from: string, notAt: string | undefined): Promise<string> {
    this.#prune();
    const search = this.#searches.get(key);
    if (search !== undefined) return search;
    const known = this.#homes.get(key);
    const isThere =
      known !== undefined && known.instance !== notAt && this.#options.cluster.members.has(known.instance);
    if (isThere && (!known.isDoubtful || this.#isCutOff)) return known.instance;
    if (known?.isDoubtful !== true && (known !== undefined || !this.#isNew())) return this.#put(key, from);
    const searching = this.#search(key, from, notAt).finally(() => this.#searches.delete(key));
    this.#searches.set(key, searching);
    return searching;
  }

  get #isCutOff(): boolean {
    return this.#options.cluster.options.bus?.status === 'down';
  }

  /** Whether another may have been the owner when a key was given away that is remembered still. */
  #isNew(): boolean {
    const { cluster, clock, ttlMs } = this.#options;
    const since = Math.max(cluster.members.changedAt, this.#backAt);
    return cluster.members.size > 1 && clock.now() - since < ttlMs;
  }

  /** Where the key is at several, the one from which it has reached the others has it. */
  async #search(key: string, from: string, notAt: string | undefined): Promise<string> {
    const { cluster, name } = this.#options;
    const parse = (value: unknown) => holding.safeParse(value).data;
    const { answers } = await cluster.ask(`${name}.holds`, key, { timeoutMs: searchTimeoutMs, parse });
    const holder = (what: Holding) =>
      [...answers].find(([instance, holds]) => holds === what && instance !== notAt)?.[0];
    return this.#put(key, holder('done') ?? holder('unspread') ?? from);
  }

  #put(key: string, instance: string): string {
    const { clock, ttlMs, maxKeys } = this.#options;
    this.#homes.delete(key);
    this.#homes.set(key, { instance, expiresAt: clock.now() + ttlMs, isDoubtful: this.#isCutOff });
    if (this.#homes.size > maxKeys) this.#homes.delete(this.#homes.keys().next().value as string);
    return instance;
  }

  #prune(): void {
    const now = this.#options.clock.now();
    // In the order in which they expire.
    for (const [key, { expiresAt }] of this.#homes) {
      if (expiresAt > now) return;
      this.#homes.delete(key);
    }
  }
}
