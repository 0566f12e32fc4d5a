import { type Engine, Presence, type Share, type Stop } from '@roomcast/engine';
import type { User } from '@roomcast/raffle-protocol';

/** A user's first connection to an instance. */
interface Arrival {
  readonly username: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface UsersListener {
  /** On every instance, once: the user has a connection somewhere. */
  joined(userId: string, arrival: Arrival): void;
  /** On every instance, once: the user has none any more. */
  left(userId: string): void;
}

/**
 * Which users are connected, to any instance. The engine's presence knows when a user comes and goes; the name and the
 * time of arrival are shared beside it.
 */
export class Users {
  readonly #presence: Presence;
  readonly #arrivals: Share<Arrival>;
  /** Users who are here by their connections, and whose arrival is not known yet. */
  readonly #unannounced = new Set<string>();
  readonly #now: () => number;
  readonly #startedAt: number;

  constructor(
    { cluster, options: { clock } }: Pick<Engine, 'cluster' | 'options'>,
    name: string,
    readonly listener: UsersListener,
  ) {
    this.#now = () => clock.now();
    this.#startedAt = clock.now();
    this.#arrivals = cluster.share(`${name}.arrivals`);
    this.#presence = new Presence({
      name,
      cluster,
      clock,
      onOnline: (userId) => {
        this.#unannounced.add(userId);
        this.#announce(userId);
      },
      onOffline: (userId) => {
        this.#arrivals.set(userId, undefined);
        if (!this.#unannounced.delete(userId)) this.listener.left(userId);
      },
    });
    this.#arrivals.onChange((userId) => this.#announce(userId));
  }

  /** A connection has authenticated; call what it returns when it has gone. */
  arrive({ id, username }: User): Stop {
    if (this.#arrivals.own(id) === undefined) this.#arrivals.set(id, { username, at: this.#now() });
    return this.#presence.track(id);
  }

  #announce(userId: string): void {
    if (!this.#unannounced.has(userId)) return;
    let first: Arrival | undefined;
    for (const arrival of this.#arrivals.values(userId)) if (!first || arrival.at < first.at) first = arrival;
    if (first === undefined) return;
    this.#unannounced.delete(userId);
    // Who was connected to another instance before this one started has joined before anybody here could hear of it.
    if (first.at >= this.#startedAt) this.listener.joined(userId, first);
  }
}
