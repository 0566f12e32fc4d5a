import type { CloseReason, Situation } from '../close-reasons.js';
import type { Newcomer, Session } from '../rooms/session.js';
import type { Refusal } from './refusal.js';
import type { UpgradeRequest } from './upgrade-request.js';

/** A text message as a string, a binary one as bytes. */
export type Message = string | Buffer;

/** A connection that is let in. */
export interface Acceptance<Data> extends Newcomer<Data> {
  /** The subprotocol to answer with. @default none */
  protocol?: string;
}

/**
 * A protocol on top of WebSocket. Its handlers may be asynchronous: a session's messages are handled one after the
 * other. One that throws or rejects ends its session (`Situation` `failure`) and nothing else.
 */
export interface Wire<Data> {
  /** Lets a connection in or refuses it, before the handshake. */
  accept(request: UpgradeRequest): Acceptance<Data> | Refusal | Promise<Acceptance<Data> | Refusal>;
  /** The form in which this wire refuses, for refusals of the engine's too (origin, limits). */
  refusal?(refusal: Refusal): Refusal;
  /** The handshake is done. Messages wait until this is through. */
  open?(session: Session<Data>): unknown;
  message(session: Session<Data>, message: Message): unknown;
  /** The session has ended; it is in no room any more and nothing can be sent. */
  close?(session: Session<Data>, reason: CloseReason): void;
  /** A room was taken from the session from outside (`mount.leaveAll`, `mount.recheck`). */
  removed?(session: Session<Data>, room: string): void;
  /** The engine is about to end the session: the last chance to send, and to give another code or reason. */
  farewell?(session: Session<Data>, situation: Situation): CloseReason | undefined;
}
