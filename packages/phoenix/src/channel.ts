import type { JoinOptions, SendOptions, Session } from '@roomcast/engine';
import type { BroadcastOptions } from './broadcast.js';
import type { HandlerResult, JoinResult, StopReason } from './results.js';
import type { PhoenixSocket } from './socket.js';

/** A topic that one connection has joined, or is about to. */
export interface Channel<Assigns = unknown, Data = unknown> {
  readonly topic: string;
  /** What the client identifies this join by: a string or whatever JSON value it sent. */
  readonly joinRef: unknown;
  readonly session: Session<PhoenixSocket<Assigns>>;
  /** What `connect` gave the connection. */
  readonly assigns: Assigns;
  /** The application's own; undefined until `join` sets it. */
  data: Data;
  /**
   * Sends an event to this client. What is pushed while joining follows the reply to the join and comes before all
   * live events; once the channel has ended nothing is sent. Throws where the payload is no JSON value, or is binary
   * and the client speaks V1.
   *
   * @param payload a JSON value, an `EncodedJson`, or bytes; none is `{}`
   */
  push(event: string, payload?: unknown, options?: SendOptions): void;
  /**
   * Sends an event of this topic to sessions of this instance (`Phoenix.broadcast`); returns how many it reached. This
   * client is one of them, unless it is excepted: `{ except: channel.session }`.
   */
  broadcast(event: string, payload?: unknown, options?: BroadcastOptions<Assigns>): number;
  /**
   * Joins a room of the engine on behalf of this channel: it is left when the channel ends, unless another channel of
   * the connection holds it too. The room named like the topic is joined with the channel. What it returns and throws
   * is `session.join`'s; false too where the channel has ended meanwhile.
   */
  join(room: string, options?: JoinOptions): boolean | Promise<boolean>;
  /** False where this channel did not hold the room. */
  leave(room: string): boolean;
  /**
   * Ends the channel from outside a handler: the client is told `phx_close`, or `phx_error` for `error`. One that is
   * still joining ends when the client has its reply.
   */
  stop(reason?: StopReason): void;
}

/**
 * Why a channel ended.
 * - `left`: the client left. - `closed`: it was stopped here. - `crashed`: a handler failed, or it was stopped as an error.
 * - `rejoined`: the client joined the topic once more. - `disconnected`: the connection is gone.
 */
export type LeaveReason = 'left' | 'closed' | 'crashed' | 'rejoined' | 'disconnected';

/**
 * What the channels of a topic do. Events of one channel are handled one after the other; the channels of a connection
 * do not wait for each other, except for a join, which holds up the whole connection. A handler that throws or rejects
 * ends its channel with `phx_error`; in `join` it refuses the client with `join crashed`.
 */
export interface ChannelDefinition<Assigns = unknown, Data = unknown> {
  /** @param payload what the client sent: any JSON value, or a Buffer */
  join(payload: unknown, channel: Channel<Assigns, Data>): JoinResult | Promise<JoinResult>;
  /**
   * The client has been told that it joined. Until this is through, events of the connection's rooms wait and what
   * this channel pushes goes before them: a snapshot and then what changes it.
   */
  joined?(channel: Channel<Assigns, Data>): unknown;
  /** @param payload any JSON value, or a Buffer */
  message(event: string, payload: unknown, channel: Channel<Assigns, Data>): HandlerResult | Promise<HandlerResult>;
  /** Called once for each channel that was joined. It is in no room any more and can send nothing. */
  leave?(channel: Channel<Assigns, Data>, reason: LeaveReason): unknown;
  /** A room was taken from the channel by `mount.leaveAll` or `mount.recheck`. Where it is the topic's, the channel ends instead. */
  removed?(channel: Channel<Assigns, Data>, room: string): unknown;
}
