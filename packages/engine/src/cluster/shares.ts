import { attempt } from '../handlers.js';

/** What a share needs of the cluster: to tell the others. */
export interface ShareHost {
  readonly self: string;
  changed(share: Share<unknown>): void;
  /** A listener has thrown or rejected. */
  failed(error: unknown): void;
}

/**
 * One value per key and instance, readable on all of them: each instance writes its own part (its counts, say) and
 * sees everybody's. Parts of others arrive a moment later, so that a limit built on sums is approximate; the part of
 * an instance that is gone disappears with it.
 */
export class Share<Value> {
  /** Grows with every change of the own part. */
  version = 0;
  readonly #own = new Map<string, Value>();
  readonly #others = new Map<string, { version: number; entries: Map<string, Value> }>();
  readonly #listeners = new Set<(key: string) => void>();
  #pending = new Map<string, Value | null>();

  constructor(
    readonly name: string,
    readonly host: ShareHost,
  ) {}

  /** Sets this instance's value; undefined takes the key away. */
  set(key: string, value: Value | undefined): void {
    if (value === undefined) {
      if (!this.#own.delete(key)) return;
    } else {
      this.#own.set(key, value);
    }
    this.#pending.set(key, value ?? null);
    this.host.changed(this as Share<unknown>);
    this.#tell([key]);
  }

  /** This instance's value. */
  own(key: string): Value | undefined {
    return this.#own.get(key);
  }

  /** Every instance's value of a key. */
  *values(key: string): IterableIterator<Value> {
    const own = this.#own.get(key);
    if (own !== undefined) yield own;
    for (const { entries } of this.#others.values()) {
      const value = entries.get(key);
      if (value !== undefined) yield value;
    }
  }

  /** Every key that some instance has, each once. */
  keys(): Set<string> {
    const keys = new Set(this.#own.keys());
    for (const { entries } of this.#others.values()) for (const key of entries.keys()) keys.add(key);
    return keys;
  }

  /** Calls `listener` when any instance's value of a key has changed. Returns how to stop it. */
  onChange(listener: (key: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What has changed since the last call, as the next version. */
  takeChanges(): { version: number; entries: [string, Value | null][] } {
    const entries = [...this.#pending];
    this.#pending = new Map();
    return { version: ++this.version, entries };
  }

  entries(): [string, Value][] {
    return [...this.#own];
  }

  versionOf(member: string): number {
    return this.#others.get(member)?.version ?? 0;
  }

  /** Another instance's part, whole. One that is older than what is known of it was overtaken on its way. */
  replace(member: string, version: number, entries: readonly (readonly [string, Value])[]): void {
    if (version < this.versionOf(member)) return;
    const before = this.#others.get(member)?.entries ?? new Map<string, Value>();
    const after = new Map(entries);
    this.#others.set(member, { version, entries: after });
    this.#tell(new Set([...before.keys(), ...after.keys()]));
  }

  /** Another instance's changes; false when they do not follow what is known of it. */
  change(member: string, version: number, entries: readonly (readonly [string, Value | null])[]): boolean {
    const known = this.#others.get(member) ?? { version: 0, entries: new Map<string, Value>() };
    if (version <= known.version) return true;
    if (version !== known.version + 1) return false;
    this.#others.set(member, known);
    known.version = version;
    for (const [key, value] of entries) {
      if (value === null) known.entries.delete(key);
      else known.entries.set(key, value);
    }
    this.#tell(entries.map(([key]) => key));
    return true;
  }

  forget(member: string): void {
    const keys = [...(this.#others.get(member)?.entries.keys() ?? [])];
    this.#others.delete(member);
    this.#tell(keys);
  }

  #tell(keys: Iterable<string>): void {
    for (const key of keys) {
      for (const listener of [...this.#listeners]) {
        attempt(
          () => listener(key),
          (error) => this.host.failed(error),
        );
      }
    }
  }
}
