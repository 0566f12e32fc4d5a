import type { Session, Stop } from '@roomcast/engine';
import type { FalconUser } from '@roomcast/falcon-protocol';

/** What the gateway keeps about a session. */
export class Client {
  /** The users whose presence it follows. */
  readonly follows = new Set<string>();
  /** Ends its part in the user's presence. */
  depart: Stop | null = null;

  constructor(
    readonly user: FalconUser,
    /** Whether it asked to be told when events were lost. */
    readonly notifyMissed: boolean,
  ) {}
}

export type FalconSession = Session<Client>;
