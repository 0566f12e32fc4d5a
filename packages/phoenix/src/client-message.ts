import { type Ref, refOf } from './ref.js';

/** A topic that is no string: no channel can have it, but answers repeat it. */
export class ForeignTopic {
  constructor(readonly json: string) {}
}

/** Which channel a message is for, and what answers to it are known by. */
export interface Address {
  readonly joinRef: Ref;
  readonly ref: Ref;
  readonly topic: string | ForeignTopic;
}

/** What a client sends. */
export type ClientMessage =
  | { readonly kind: 'heartbeat'; readonly ref: Ref }
  | JoinMessage
  | (Address & { readonly kind: 'leave' })
  | EventMessage;

export type JoinMessage = Address & { readonly kind: 'join'; readonly payload: unknown };

/** `event` is null where it was no string: no handler can know it. */
export type EventMessage = Address & {
  readonly kind: 'event';
  readonly event: string | null;
  readonly payload: unknown;
};

/** Tells the kinds of messages apart. `payload` is the JSON value, or a Buffer from a binary frame. */
export function clientMessage(
  joinRef: unknown,
  ref: unknown,
  topic: unknown,
  event: unknown,
  payload: unknown,
): ClientMessage {
  if (topic === 'phoenix' && event === 'heartbeat') return { kind: 'heartbeat', ref: refOf(ref) };
  const address: Address = {
    joinRef: refOf(joinRef),
    ref: refOf(ref),
    topic: typeof topic === 'string' ? topic : new ForeignTopic(JSON.stringify(topic)),
  };
  if (event === 'phx_join') return { kind: 'join', ...address, payload };
  if (event === 'phx_leave') return { kind: 'leave', ...address };
  return { kind: 'event', ...address, event: typeof event === 'string' ? event : null, payload };
}

/** A topic as JSON. */
export function topicText(topic: string | ForeignTopic): string {
  return typeof topic === 'string' ? JSON.stringify(topic) : topic.json;
}
