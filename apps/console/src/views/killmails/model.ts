import type { KillmailsClient } from '@roomcast/killmails-client';
import type { Kills } from './kills.js';

/** Everything the view shows. */
export interface KillmailsModel {
  readonly kills: Kills;
  /** Followed now or, while there is no client, by the next one. */
  systems: readonly number[];
  client: KillmailsClient | undefined;
}
