import { attempt } from '../handlers.js';
import { Arriving, type SharePart } from './arriving.js';
import { split } from './split.js';

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
  revision = 0;
  readonly #own = new Map<string, Value>();
  readonly #others = new Map<string, { revision: number; entries: Map<string, Value> }>();
  readonly #listeners = new Set<(key: string) => void>();
  readonly #arriving = new Map<string, Arriving>();
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

  /** Whether any instance has the key. */
  has(key: string): boolean {
    return !this.values(key).next().done;
  }

  /** Every instance's value of a key, with whose it is. */
  *byInstance(key: string): IterableIterator<[instance: string, value: Value]> {
    const own = this.#own.get(key);
    if (own !== undefined) yield [this.host.self, own];
    for (const [instance, { entries }] of this.#others) {
      const value = entries.get(key);
      if (value !== undefined) yield [instance, value];
    }
  }

  /** The keys of this instance's part, in the order in which they were first set. */
  ownKeys(): IterableIterator<string> {
    return this.#own.keys();
  }

  get ownSize(): number {
    return this.#own.size;
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

  /** What has changed since the last call, as the next revision; as several where one message could not carry it. */
  takeChanges(): { revision: number; entries: [string, Value | null][] }[] {
    const entries = [...this.#pending];
    this.#pending = new Map();
    return split(entries).map((group) => ({ revision: ++this.revision, entries: group }));
  }

  /** Nobody is to be told. */
  dropChanges(): void {
    this.#pending.clear();
  }

  /** This instance's part, whole, in as many messages as it takes. */
  parts(): { revision: number; part: number; parts: number; entries: [string, Value][] }[] {
    const groups = split([...this.#own]);
    return groups.map((entries, part) => ({ revision: this.revision, part, parts: groups.length, entries }));
  }

  revisionOf(member: string): number {
    return this.#others.get(member)?.revision ?? 0;
  }

  /** A part of another instance's whole. One that is older than what is known of it was overtaken on its way. */
  replace(member: string, part: SharePart): void {
    const { revision } = part;
    if (revision < this.revisionOf(member)) return;
    const arriving = this.#arriving.get(member) ?? new Arriving();
    this.#arriving.set(member, arriving);
    const whole = arriving.part(part) as readonly (readonly [string, Value])[] | undefined;
    if (whole === undefined) return;
    const before = this.#others.get(member)?.entries ?? new Map<string, Value>();
    const after = new Map(whole);
    this.#others.set(member, { revision, entries: after });
    this.#tell(new Set([...before.keys(), ...after.keys()]));
    this.#catchUp(member, arriving);
  }

  /** Another instance's changes. True when they do not follow what is known of it, so that the whole is to be asked for. */
  change(member: string, revision: number, entries: readonly (readonly [string, Value | null])[]): boolean {
    const known = this.#others.get(member) ?? { revision: 0, entries: new Map<string, Value>() };
    if (revision <= known.revision) return false;
    if (revision !== known.revision + 1) {
      const arriving = this.#arriving.get(member) ?? new Arriving();
      this.#arriving.set(member, arriving);
      arriving.keep(revision, entries);
      return !arriving.isIncomplete;
    }
    this.#others.set(member, known);
    known.revision = revision;
    for (const [key, value] of entries) {
      if (value === null) known.entries.delete(key);
      else known.entries.set(key, value);
    }
    this.#tell(entries.map(([key]) => key));
    return false;
  }

  forget(member: string): void {
    const keys = [...(this.#others.get(member)?.entries.keys() ?? [])];
    this.#others.delete(member);
    this.#arriving.delete(member);
    this.#tell(keys);
  }

  /** Changes that came before the whole they follow. */
  #catchUp(member: string, arriving: Arriving): void {
    for (;;) {
      const known = this.revisionOf(member);
      const entries = arriving.next(known) as readonly (readonly [string, Value | null])[] | undefined;
      if (entries === undefined) break;
      this.change(member, known + 1, entries);
    }
    if (!arriving.isIncomplete && arriving.isEmpty) this.#arriving.delete(member);
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
