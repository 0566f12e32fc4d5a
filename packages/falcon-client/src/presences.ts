import type { ClientError } from '@roomcast/client-core';
import type { ClientMessage, Presence, ServerData } from '@roomcast/falcon-protocol';
import { Holds } from './holds.js';

/** How somebody is: `status` is `online`, `away` or `offline`. */
export type PresenceOf = ServerData['presence'];

export interface PresencesHost {
  /** Resolves when the server has done it, or to why it has not. */
  ask(message: ClientMessage): Promise<ClientError | undefined>;
  /** There is something to flush. */
  changed(): void;
}

/** Users per request: ids of the longest kind still fit into what servers take. */
const maxIdsAtOnce = 50;

/** Whose presence callers follow, what is known of them, and what this user says of oneself. */
export class Presences {
  #known: ReadonlyMap<string, PresenceOf> = new Map();
  readonly #holds: Holds;
  /** What this user has said of oneself: other servers, and ours once everybody was gone, forget it. */
  #own: Presence | undefined;
  /** Whether the server knows by now, on this connection, what it has to. */
  #isRestored = false;

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

  /** The server has taken what this user says of oneself. */
  said(presence: Presence): void {
    this.#own = presence;
  }

  /** Forgets those whom nobody follows any more. */
  settle(): void {
    const followed = [...this.#known].filter(([userId]) => this.#holds.has(userId));
    if (followed.length < this.#known.size) this.#known = new Map(followed);
  }

  /** Tells a new connection all that the server has to know. Resolves when it has answered. */
  async restore(): Promise<void> {
    const asked = this.flush();
    if (this.#own !== undefined) asked.push(this.host.ask({ type: 'presence', data: this.#own }));
    const errors = await Promise.all(asked);
    this.#isRestored = errors.every((error) => error === undefined);
  }

  /** Tells the server what it does not know yet, and gives what resolves when it has answered. */
  flush(): Promise<ClientError | undefined>[] {
    const { wanted, unwanted } = this.#holds.take();
    return [...this.#ask('unsubscribe_presence', unwanted), ...this.#ask('subscribe_presence', wanted)];
  }

  interrupted(): void {
    const known = this.#own && this.#known.get(this.#own.userId);
    // Another tab may have said something else since: it must not be undone.
    if (this.#isRestored && known !== undefined) this.#own = known as Presence;
    this.#isRestored = false;
    this.#holds.interrupted();
  }

  #ask(
    action: 'subscribe_presence' | 'unsubscribe_presence',
    all: readonly string[],
  ): Promise<ClientError | undefined>[] {
    const asked: Promise<ClientError | undefined>[] = [];
    for (let from = 0; from < all.length; from += maxIdsAtOnce) {
      const userIds = all.slice(from, from + maxIdsAtOnce);
      asked.push(this.host.ask({ type: 'system', data: { action, userIds } }));
    }
    return asked;
  }
}
