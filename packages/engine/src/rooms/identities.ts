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

  /** Whether one more connection of an identity fits, after the oldest has gone where that is how it is made to. */
  makeRoom({ id }: Identity): boolean {
    const sessions = this.#sessions.get(id);
    if (sessions === undefined || sessions.size < this.options.maxConnectionsPerIdentity) return true;
    if (this.options.whenTooMany === 'refuse') return false;
    const [oldest] = sessions;
    if (oldest !== undefined) {
      this.remove(oldest);
      oldest.dismiss('tooManyConnections');
    }
    return true;
  }

  add(session: Session<Data>): void {
    if (session.identity === null) return;
    const sessions = this.#sessions.get(session.identity.id) ?? new Set();
    this.#sessions.set(session.identity.id, sessions.add(session));
  }

  remove(session: Session<Data>): void {
    if (session.identity === null) return;
    const sessions = this.#sessions.get(session.identity.id);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#sessions.delete(session.identity.id);
  }
}
