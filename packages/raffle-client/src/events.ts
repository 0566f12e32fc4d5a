import type { ClientError, ConnectionChange } from '@roomcast/client-core';
import type { EventType, ServerMessage, SubscriptionRequest } from '@roomcast/raffle-protocol';

/** An event as it came: `{message_type, data, timestamp}`, the times as the server wrote them. */
export type ReceivedEvent<T extends EventType = EventType> = ServerMessage<T>;

/** The events that a subscription can bring. */
export type EventOf<F extends Pick<SubscriptionRequest, 'event_type'>> = ReceivedEvent<
  'all' extends F['event_type'] ? EventType : Exclude<F['event_type'], 'all'>
>;

/** What a client tells: each event by its type, and these. */
export type RaffleClientEvents = { readonly [T in EventType]: ReceivedEvent<T> } & {
  /** Every event, whatever its type. */
  readonly event: ReceivedEvent;
  /** Events were lost between instances of the server: load the present state again. */
  readonly missed: undefined;
  readonly connection: ConnectionChange;
  /** Something went wrong; the client carries on unless it has `failed`. */
  readonly error: ClientError;
};
