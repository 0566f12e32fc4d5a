import type { MessageRate, Session, Stop } from '@roomcast/engine';
import type { User } from '@roomcast/raffle-protocol';
import type { Entry } from './entry.js';

const none: readonly never[] = [];

/** What the wire keeps about a session. */
export class Client {
  /** What it is subscribed to. */
  entries: readonly Entry<RaffleSession>[] = none;
  /** Who it is, once authenticated. */
  user: User | null = null;
  /** Ends its part in the user's presence. */
  depart: Stop | null = null;
  /** How often it has authenticated of late. */
  auths: MessageRate | null = null;
}

export type RaffleSession = Session<Client>;
