import type { ClientError } from '@roomcast/client-core';
import type { KillCountUpdate, Killmail, KillmailUpdate } from '@roomcast/killmails-protocol';
import type { ConnectionChange } from './connection-state.js';

/** One kill and how it came. */
export interface KillmailEvent {
  readonly killmail: Killmail;
  /** The system the update was sent for. */
  readonly systemId: number;
  /** A recent kill, not a live one. */
  readonly preload: boolean;
  /** ISO 8601, when the server sent it. */
  readonly timestamp: string;
}

/** A `for await` loop read too slowly. */
export interface OverflowEvent {
  /** The kill it will not see. */
  readonly killmail: Killmail;
  /** How many that loop has missed by now. */
  readonly dropped: number;
}

export interface KillmailsEvents {
  /** For each kill. */
  killmail: KillmailEvent;
  /** For each message with kills, as the server sent it. */
  killmail_update: KillmailUpdate;
  kill_count_update: KillCountUpdate;
  /** Kills were lost between instances of the server: load what is shown again. */
  missed: undefined;
  connection: ConnectionChange;
  /** Something went wrong; the client carries on unless it is `closed`. */
  error: ClientError;
  overflow: OverflowEvent;
}
