import type { ClientError, ConnectionChange } from '@roomcast/client-core';
import type { EventsMissed, GuildEventName, ServerEventName, ServerEvents } from '@roomcast/spywatcher-protocol';

/** What a guild can be followed by: its analytics, or its events. */
export type RoomKind = 'analytics' | 'guild';

/** What brings news: every event of the server but those that tell of itself. */
export type NewsName = Exclude<ServerEventName, 'events:missed' | 'error'>;

/** An event with its name, which tells the kinds of data apart. */
export type ReceivedEvent<Name extends NewsName = NewsName> = {
  [Each in Name]: { readonly event: Each; readonly data: ServerEvents[Each] };
}[Name];

/** What happened in a guild. */
export type GuildEvent = ReceivedEvent<GuildEventName>;

/** What a client tells: the data of each event by its name, and these. */
export type SpywatcherClientEvents = { readonly [Name in NewsName]: ServerEvents[Name] } & {
  /** Every event, whatever its name. */
  readonly event: ReceivedEvent;
  readonly connection: ConnectionChange;
  /**
   * Events of this guild were lost between instances of the server, or of any guild and its analytics: load what is shown
   * from elsewhere again.
   */
  readonly missed: EventsMissed;
  /** Something went wrong; the client carries on unless it has `failed`. */
  readonly error: ClientError;
};
