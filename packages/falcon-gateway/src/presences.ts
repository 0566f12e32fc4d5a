import { type Clock, type Cluster, Presence, type Share, type Stop } from '@roomcast/engine';
import type { PresenceStatus, Presence as Told } from '@roomcast/falcon-protocol';
import type { FalconSession } from './client.js';

/** What a user has said of oneself. */
interface Said {
  readonly status: PresenceStatus;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** When, in milliseconds since the epoch: of several instances the latest counts. */
  readonly at: number;
}

/** Who follows a user, and what they were told last. */
interface Followers {
  readonly sessions: Set<FalconSession>;
  told: string;
}

export interface PresencesHost {
  cluster: Cluster;
  clock: Clock;
  graceMs: number;
  /** Tells followers here. */
  tell(followers: ReadonlySet<FalconSession>, presence: Told): void;
}

/**
 * How users are: what they last said of themselves on any instance, `online` where they have said nothing, and `offline`
 * once their last connection has been gone for a while.
 */
export class Presences {
  readonly #presence: Presence;
  readonly #said: Share<Said>;
  readonly #followers = new Map<string, Followers>();

  constructor(
    name: string,
    readonly host: PresencesHost,
  ) {
    const { cluster, clock, graceMs } = host;
    this.#said = cluster.share<Said>(`${name}.presence`);
    this.#said.onChange((userId) => {
      // Once nobody is connected each instance forgets what was said there: that is no news before it counts as gone.
      if (this.connections(userId) > 0) this.#changed(userId);
    });
    this.#presence = new Presence({
      name,
      cluster,
      clock,
      graceMs,
      onOnline: (userId) => this.#changed(userId),
      onOffline: (userId) => {
        this.#said.set(userId, undefined);
        this.#changed(userId);
      },
    });
  }

  /** A connection of a user; call what it returns when it has gone. */
  arrive(userId: string): Stop {
    return this.#presence.track(userId);
  }

  /** Connections of a user on all instances. */
  connections(userId: string): number {
    return this.#presence.connections(userId);
  }

  /** A user says how one is. */
  say({ userId, status, metadata }: Told): void {
    const before = this.#latest(userId)?.at ?? 0;
    const at = Math.max(this.host.clock.now(), before + 1);
    this.#said.set(userId, metadata === undefined ? { status, at } : { status, metadata, at });
  }

  of(userId: string): Told {
    if (!this.#presence.isOnline(userId)) return { userId, status: 'offline' };
    const { status = 'online', metadata } = this.#latest(userId) ?? {};
    return metadata === undefined ? { userId, status } : { userId, status, metadata };
  }

  follow(session: FalconSession, userId: string): void {
    session.data.follows.add(userId);
    const followers = this.#followers.get(userId);
    if (followers !== undefined) followers.sessions.add(session);
    else this.#followers.set(userId, { sessions: new Set([session]), told: this.#version(userId) });
  }

  unfollow(session: FalconSession, userId: string): void {
    session.data.follows.delete(userId);
    const followers = this.#followers.get(userId);
    followers?.sessions.delete(session);
    if (followers?.sessions.size === 0) this.#followers.delete(userId);
  }

  followersOf(userId: string): ReadonlySet<FalconSession> | undefined {
    return this.#followers.get(userId)?.sessions;
  }

  #changed(userId: string): void {
    const followers = this.#followers.get(userId);
    if (followers === undefined) return;
    const version = this.#version(userId);
    if (version === followers.told) return;
    followers.told = version;
    this.host.tell(followers.sessions, this.of(userId));
  }

  /** Another text for each change: who says the same once more is told again. */
  #version(userId: string): string {
    return this.#presence.isOnline(userId) ? `here ${this.#latest(userId)?.at ?? ''}` : 'gone';
  }

  #latest(userId: string): Said | undefined {
    let latest: Said | undefined;
    for (const said of this.#said.values(userId)) {
      if (latest === undefined || said.at > latest.at || (said.at === latest.at && said.status < latest.status)) {
        latest = said;
      }
    }
    return latest;
  }
}
