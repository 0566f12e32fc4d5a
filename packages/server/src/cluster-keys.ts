import type { Clock, Cluster } from '@roomcast/engine';
import * as z from 'zod';
import type { IdempotencyKeys, Rememberable } from './idempotency.js';
import { KeyRegister } from './key-register.js';

/** What a request is answered with. */
interface Answered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ClusterKeysOptions<Outcome extends Rememberable & Answered> {
  cluster: Cluster;
  clock: Clock;
  /** Unique among those who use keys on the engine: the gateway's name. */
  name: string;
  /** What was done on this instance. */
  keys: IdempotencyKeys<Outcome>;
  ttlMs: number;
  maxKeys: number;
  /** Whether nothing is left to be spread. */
  isSpread(outcome: Outcome): boolean;
  /** What a repeat does, given the outcome so far. */
  again(before: Outcome): Outcome | Promise<Outcome>;
}

/** How long an instance that has done something may take to tell of it: the largest request takes a second to do. */
const repeatTimeoutMs = 10_000;

const repeated = z.object({ key: z.string(), digest: z.string() });
const repetition = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answered'), status: z.int(), body: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('conflict') }),
  z.object({ kind: z.literal('forgotten') }),
]);

type Repetition = z.output<typeof repetition>;

/**
 * Does something once for each key in the whole cluster. What was done stays with the instance that did it, and with it
 * what is still to be spread; which instance that is, the key's owner knows (`KeyRegister`). Where the owner can't be
 * asked this instance goes ahead: something may then be done twice, and is never left undone.
 */
export class ClusterKeys<Outcome extends Rememberable & Answered> {
  readonly #options: ClusterKeysOptions<Outcome>;
  readonly #register: KeyRegister;
  readonly #question: string;
  /** Keys of which their owner was not told. */
  readonly #untold = new Set<string>();
  /** Keys whose owner is being asked. */
  readonly #claiming = new Map<string, Promise<string | undefined>>();

  constructor(options: ClusterKeysOptions<Outcome>) {
    this.#options = options;
    const { cluster, clock, name, keys, ttlMs, maxKeys } = options;
    this.#register = new KeyRegister({
      cluster,
      clock,
      name: `$keys.${name}`,
      ttlMs,
      maxKeys,
      holds: (key) => {
        const outcome = keys.outcome(key);
        if (outcome === undefined) return 'nothing';
        return outcome === 'running' || options.isSpread(outcome) ? 'done' : 'unspread';
      },
    });
    this.#question = `$keys.${name}.repeat`;
    cluster.answer(this.#question, (value) => {
      const { key, digest } = repeated.parse(value);
      return this.#repeat(key, digest);
    });
    cluster.onMembers({ reachable: () => void this.#tellOwners() });
  }

  /** Undefined when the key was used for something else. */
  async run(key: string, digest: string, first: () => Promise<Outcome>): Promise<Answered | undefined> {
    const { cluster, keys, again } = this.#options;
    const self = cluster.options.instance;
    const here = () => keys.run(key, digest, first, again);
    if (keys.has(key) && !this.#untold.has(key)) return here();
    const home = await this.#homeOf(key);
    if (home === self) return here();
    const repetition = await this.#askFor(home, key, digest);
    if (repetition?.kind === 'conflict') return undefined;
    if (repetition?.kind === 'answered') return repetition;
    // It is gone, or has forgotten: what it did nobody knows, and this instance does it, unless another has begun to.
    const next = await this.#homeOf(key, home);
    const other = next === self ? undefined : await this.#askFor(next, key, digest);
    if (other?.kind === 'conflict') return undefined;
    return other?.kind === 'answered' ? other : here();
  }

  /** The instance that does what belongs to the key: this one, where nobody does yet. */
  async #homeOf(key: string, notAt?: string): Promise<string> {
    const claiming = this.#register.claim(key, notAt);
    this.#claiming.set(key, claiming);
    const home = await claiming;
    if (this.#claiming.get(key) === claiming) this.#claiming.delete(key);
    this.#settle(key, home);
    return home ?? this.#options.cluster.options.instance;
  }

  /** What another instance has done as well is that one's: what was to be spread from here must not be any more. */
  #settle(key: string, home: string | undefined): void {
    const { cluster, keys } = this.#options;
    // An owner that is cut off, even where that is this instance, does not know what others do.
    if (home === undefined || cluster.options.bus?.status === 'down') {
      this.#remember(key);
      return;
    }
    this.#untold.delete(key);
    if (home !== cluster.options.instance) keys.forget(key);
  }

  #remember(key: string): void {
    this.#untold.add(key);
    if (this.#untold.size <= this.#options.maxKeys) return;
    const [oldest] = this.#untold;
    if (oldest !== undefined) this.#untold.delete(oldest);
  }

  async #askFor(home: string, key: string, digest: string): Promise<Repetition | undefined> {
    const { answers } = await this.#options.cluster.ask(
      this.#question,
      { key, digest },
      { of: [home], timeoutMs: repeatTimeoutMs, parse: (value) => repetition.safeParse(value).data },
    );
    return answers.get(home);
  }

  async #repeat(key: string, digest: string): Promise<Repetition> {
    const { keys, again } = this.#options;
    // Others may hear that this instance has a key before it hears so itself.
    await this.#claiming.get(key);
    await new Promise((resolve) => setImmediate(resolve));
    if (!keys.has(key)) return { kind: 'forgotten' };
    const outcome = await keys.run(key, digest, () => Promise.reject(new Error('the key is known')), again);
    if (outcome === undefined) return { kind: 'conflict' };
    const { status, body } = outcome;
    return { kind: 'answered', status, body };
  }

  /** One after the other: they may be thousands, and nobody waits for it. */
  async #tellOwners(): Promise<void> {
    for (const key of [...this.#untold]) {
      if (!this.#options.keys.has(key)) {
        this.#untold.delete(key);
        continue;
      }
      const home = await this.#register.claim(key);
      if (home === undefined) return;
      this.#settle(key, home);
    }
  }
}
