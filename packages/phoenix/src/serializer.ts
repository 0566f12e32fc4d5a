import type { Message } from '@roomcast/engine';
import type { ClientMessage } from './client-message.js';
import type { Ref } from './ref.js';

/** Which of the two forms of frames a session speaks: objects (`v1`) or arrays and binary frames (`v2`). */
export type Dialect = 'v1' | 'v2';

export interface Reply {
  readonly joinRef: Ref;
  readonly ref: Ref;
  /** The topic as JSON. */
  readonly topic: string;
  readonly status: string;
  readonly response: unknown;
}

export interface ServerEvent {
  /** `noRef` for a broadcast, the channel's own for a push. */
  readonly joinRef: Ref;
  /** That of the join where the channel ends, else `noRef`. */
  readonly ref: Ref;
  readonly topic: string;
  readonly event: string;
  readonly payload: unknown;
}

/** One form of frames. What it encodes are complete WebSocket frames. */
export interface Serializer {
  /** Throws `MalformedFrameError`, and nothing else, where the message is none of its form. */
  decode(message: Message): ClientMessage;
  /** Throws where the response is no JSON value, or no binary one fits. */
  reply(reply: Reply): Buffer;
  event(event: ServerEvent): Buffer;
}
