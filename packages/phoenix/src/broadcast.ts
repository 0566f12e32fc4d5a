import type { Mount, PublicationOptions, Session } from '@roomcast/engine';
import { serializerOf } from './dialects.js';
import { EncodedJson, isBinary } from './payload.js';
import { noRef } from './ref.js';
import type { PhoenixSocket } from './socket.js';

/** To whom a broadcast goes, and what may happen to it when a session reads too slowly. */
export interface BroadcastOptions<Assigns = unknown> extends Pick<PublicationOptions, 'deliveryClass' | 'key'> {
  /** The members of any of these rooms, each once. @default the room named like the topic: all who have joined it */
  rooms?: Iterable<string>;
  /** These sessions instead. */
  sessions?: Iterable<Session<PhoenixSocket<Assigns>>>;
  except?: Session<PhoenixSocket<Assigns>>;
}

type PhoenixMount<Assigns> = Pick<Mount<PhoenixSocket<Assigns>>, 'deliver' | 'rooms'>;

/** Queues an event for sessions of this instance; returns how many. */
export function broadcast<Assigns>(
  mount: PhoenixMount<Assigns>,
  topic: string,
  event: string,
  payload: unknown,
  { rooms = [topic], sessions, except, deliveryClass, key }: BroadcastOptions<Assigns>,
): number {
  const to = isBinary(payload) ? speakingV2(sessions ?? members(mount, rooms)) : sessions;
  return mount.deliver(
    { ...(to === undefined ? { rooms } : { sessions: to }), ...(except && { except }) },
    { encode: eventEncoder(topic, event, payload), ...(deliveryClass && { deliveryClass }), ...(key && { key }) },
  );
}

/**
 * An event as `mount.deliver` takes it: a function from a dialect to a WebSocket frame, with no join_ref in it. The
 * payload is encoded once, however many dialects ask.
 *
 * @param payload a JSON value, an `EncodedJson`, or bytes, which only V2 can carry
 */
export function eventEncoder(topic: string, event: string, payload: unknown): (dialect: string) => Buffer {
  const shared = isBinary(payload) || payload instanceof EncodedJson ? payload : EncodedJson.of(payload);
  const topicJson = JSON.stringify(topic);
  return (dialect) =>
    serializerOf(dialect).event({ joinRef: noRef, ref: noRef, topic: topicJson, event, payload: shared });
}

function* members<Assigns>(
  { rooms }: PhoenixMount<Assigns>,
  names: Iterable<string>,
): IterableIterator<Session<PhoenixSocket<Assigns>>> {
  for (const name of names) yield* rooms.members(name) ?? [];
}

function* speakingV2<Assigns>(
  sessions: Iterable<Session<PhoenixSocket<Assigns>>>,
): IterableIterator<Session<PhoenixSocket<Assigns>>> {
  for (const session of sessions) if (session.dialect === 'v2') yield session;
}
