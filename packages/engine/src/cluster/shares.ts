import type { ClusterMessage, Outgoing } from './messages.js';
import { Share } from './share.js';

/** What instances tell each other of their shares. */
type ShareMessage = Extract<ClusterMessage, { kind: 'beat' | 'hello' | 'want' | 'full' | 'delta' }>;

export interface SharesOptions {
  readonly self: string;
  /** Whether there are others to be told. */
  readonly isAlone: boolean;
  /** To one instance, or to all others. */
  send(message: Outgoing, to?: string): unknown;
  /** A listener of a share has thrown or rejected. */
  failed(error: unknown): void;
}

/** All shares of an instance, and how they are kept the same as those of the others. */
export class Shares {
  readonly #shares = new Map<string, Share<unknown>>();
  readonly #changed = new Set<Share<unknown>>();

  constructor(readonly options: SharesOptions) {}

  /** The share of that name; all who ask get the same one. */
  get(name: string): Share<unknown> {
    let share = this.#shares.get(name);
    if (share === undefined) {
      share = new Share<unknown>(name, {
        self: this.options.self,
        changed: (changed) => this.#schedule(changed),
        failed: (error) => this.options.failed(error),
      });
      this.#shares.set(name, share);
    }
    return share;
  }

  /** A sign of life, to one instance or all: by the revisions the others see what they lack. */
  beat(to?: string): void {
    this.options.send({ kind: 'beat', shares: this.#revisions() }, to);
  }

  /** A sign of life that the others answer with theirs: for an instance that may not have heard them. */
  hello(): void {
    this.options.send({ kind: 'hello', shares: this.#revisions() });
  }

  /** An instance is not there any more. */
  forget(member: string): void {
    for (const share of this.#shares.values()) share.forget(member);
  }

  receive(message: ShareMessage): void {
    const { from } = message;
    switch (message.kind) {
      case 'beat':
      case 'hello':
        for (const [name, revision] of Object.entries(message.shares)) {
          if (this.get(name).revisionOf(from) !== revision) this.#want(from, name);
        }
        break;
      case 'want':
        this.#sendParts(message.share, from);
        break;
      case 'full':
        this.get(message.share).replace(from, message);
        break;
      case 'delta':
        if (this.get(message.share).change(from, message.revision, message.entries)) this.#want(from, message.share);
        break;
    }
  }

  #revisions(): Record<string, number> {
    return Object.fromEntries([...this.#shares.values()].map((share) => [share.name, share.revision]));
  }

  /** Changes of one tick travel together. */
  #schedule(share: Share<unknown>): void {
    if (this.options.isAlone) {
      share.dropChanges();
      return;
    }
    if (this.#changed.size === 0) setImmediate(() => this.#sendChanges());
    this.#changed.add(share);
  }

  /** What does not get through is made good by a later beat: revisions differ, and the whole share is asked for. */
  #sendChanges(): void {
    for (const share of this.#changed) {
      for (const changes of share.takeChanges()) this.options.send({ kind: 'delta', share: share.name, ...changes });
    }
    this.#changed.clear();
  }

  #sendParts(name: string, to: string): void {
    // Changes that are not sent yet are in it already; being told of them again does no harm.
    for (const part of this.#shares.get(name)?.parts() ?? []) {
      this.options.send({ kind: 'full', share: name, ...part }, to);
    }
  }

  #want(from: string, share: string): void {
    this.options.send({ kind: 'want', share }, from);
  }
}
