import type { ServerData, SystemRequest } from '@roomcast/falcon-protocol';
import { Holds } from './holds.js';

/** How somebody is: `status` is `online`, `away` or `offline`. */
export type PresenceOf = ServerData['presence'];

export interface PresencesHost {
  /** Resolves when the server has answered. */
  ask(request: SystemRequest): Promise<unknown>;
  /** There is something to flush. */
  changed(): void;
}

/** Users per request: ids of the longest kind still fit into what servers take. */
const maxIdsAtOnce = 50;

/** Whose presence callers follow, and what is known of them. */
export class Presences {
  #known: ReadonlyMap<string, PresenceOf> = new Map();
  readonly #holds: Holds;

  constructor(private readonly host: PresencesHost) {
    this.#holds = new Holds(() => host.changed());
  }

  /** Another map whenever something is different. */
  get known(): ReadonlyMap<string, PresenceOf> {
    return this.#known;
  }

  /** Returns the way to follow them no more, which may be called again. */
  follow(userIds: readonly string[]): () => void {
    const releases = userIds.map((userId) => this.#holds.hold(userId));
    return () => {
      for (const release of releases) release();
    };
  }

  told(presence: PresenceOf): void {
    if (this.#holds.has(presence.userId)) this.#known = new Map(this.#known).set(presence.userId, presence);
  }

  /** Tells the server what it does not know yet, and gives what resolves when it has answered. */
  flush(): Promise<unknown>[] {
    const { wanted, unwanted } = this.#holds.take();
    if (unwanted.length > 0) this.#known = new Map([...this.#known].filter(([userId]) => this.#holds.has(userId)));
    return [...this.#ask('unsubscribe_presence', unwanted), ...this.#ask('subscribe_presence', wanted)];
  }

  interrupted(): void {
    this.#holds.interrupted();
  }

  #ask(action: 'subscribe_presence' | 'unsubscribe_presence', all: readonly string[]): Promise<unknown>[] {
    const asked: Promise<unknown>[] = [];
    for (let from = 0; from < all.length; from += maxIdsAtOnce) {
      asked.push(this.host.ask({ action, userIds: all.slice(from, from + maxIdsAtOnce) }));
    }
    return asked;
  }
}
