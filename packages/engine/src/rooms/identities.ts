import type { Identity } from '../identity/identity.js';
import type { Session } from './session.js';

export interface IdentitiesOptions {
  maxConnectionsPerIdentity: number;
  whenTooMany: 'refuse' | 'close-oldest';
}

/** The sessions of each identity, and how many it may have. */
export class Identities<Data> {
  readonly #sessions = new Map<string, Set<Session<Data>>>();

  constructor(readonly options: IdentitiesOptions) {}

  of(identity: string): ReadonlySet<Session<Data>> | undefined {
    return this.#sessions.get(identity);
  }

  /** Whether one more connection of an identity may be added: always where the oldest makes room. */
  fits({ id }: Identity): boolean {
    return this.options.whenTooMany === 'close-oldest' || !this.#full(id);
  }

  /** Adds a session that fits; where that is one too many, the oldest goes. */
  add(session: Session<Data>): void {
    if (session.identity === null) return;
    const [oldest] = this.#full(session.identity.id) ? (this.of(session.identity.id) ?? []) : [];
    if (oldest !== undefined) {
      this.remove(oldest);
      oldest.dismiss('tooManyConnections');
    }
    const sessions = this.#sessions.get(session.identity.id) ?? new Set();
    this.#sessions.set(session.identity.id, sessions.add(session));
  }

  remove(session: Session<Data>): void {
    if (session.identity === null) return;
    const sessions = this.#sessions.get(session.identity.id);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(session.identity.id);
  }

  #full(id: string): boolean {
    return (this.#sessions.get(id)?.size ?? 0) >= this.options.maxConnectionsPerIdentity;
  }
}
