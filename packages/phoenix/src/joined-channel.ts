import { Inbox, type InboxOwner, type JoinOptions, type SendOptions, type Session } from '@roomcast/engine';
import type { BroadcastOptions } from './broadcast.js';
import type { Channel, ChannelDefinition, LeaveReason } from './channel.js';
import { type EventMessage, type JoinMessage, topicText } from './client-message.js';
import { serializerOf } from './dialects.js';
import { noRef, type Ref } from './ref.js';
import type { Answer, HandlerResult, StopReason } from './results.js';
import type { PhoenixSocket } from './socket.js';

/**
 * - `joining`: `join` is at work; what is pushed waits for the reply.
 * - `stopping`: the same, but the channel has been stopped meanwhile: it ends when the client has its reply.
 * - `beginning`: the client has been told that it joined; what is pushed goes before live events.
 * - `joined`: the session's live events go out, as far as this channel is concerned.
 * - `ended`: nothing happens any more.
 *
 * The session's events are held from the start to the end of `beginning`.
 */
type ChannelState = 'joining' | 'stopping' | 'beginning' | 'joined' | 'ended';

/** What waits in a channel's inbox. */
export type ChannelTask =
  | { readonly kind: 'joined' }
  | { readonly kind: 'removed'; readonly room: string }
  | { readonly kind: 'leave'; readonly ref: Ref }
  | EventMessage;

const joinedTask: ChannelTask = { kind: 'joined' };

/** One topic of one connection. */
export class JoinedChannel<Assigns> implements Channel<Assigns>, InboxOwner<ChannelTask> {
  readonly topic: string;
  data: unknown;
  /** As the client sent it: what later messages are compared with, and what the end of the channel is told with. */
  readonly clientRef: Ref;
  /** What replies and pushes carry. A client that joins without join_ref is known by the ref of its join. */
  readonly ownRef: Ref;
  readonly #topicText: string;
  #state: ChannelState = 'joining';
  #rooms: Set<string> | null = null;
  #early: Buffer[] | null = null;
  readonly #inbox = new Inbox<ChannelTask>(this);

  constructor(
    readonly session: Session<PhoenixSocket<Assigns>>,
    readonly definition: ChannelDefinition<Assigns>,
    { topic, joinRef, ref }: JoinMessage & { readonly topic: string },
  ) {
    this.topic = topic;
    this.#topicText = topicText(topic);
    this.clientRef = joinRef;
    this.ownRef = joinRef === noRef ? ref : joinRef;
    session.holdEvents();
  }

  get joinRef(): unknown {
    return JSON.parse(this.ownRef);
  }

  get assigns(): Assigns {
    return this.session.data.assigns;
  }

  push(event: string, payload?: unknown, options?: SendOptions): void {
    if (this.#state === 'ended') return;
    const frame = serializerOf(this.session.dialect).event({
      joinRef: this.ownRef,
      ref: noRef,
      topic: this.#topicText,
      event,
      payload,
    });
    if (this.#state === 'joined') {
      this.session.send(frame, options);
    } else if (this.#state === 'beginning') {
      this.session.sendAhead(frame);
    } else {
      this.#early ??= [];
      this.#early.push(frame);
    }
  }

  broadcast(event: string, payload: unknown = {}, options?: BroadcastOptions<Assigns>): number {
    return this.session.data.rules.broadcast(this.topic, event, payload, options);
  }

  join(room: string, options?: JoinOptions): boolean | Promise<boolean> {
    if (this.#state === 'ended') return false;
    const joined = this.session.join(room, options);
    this.#rooms ??= new Set();
    this.#rooms.add(room);
    if (!(joined instanceof Promise)) return joined;
    return joined.then(
      (entered) => this.#stillHolds(room) && entered,
      (error: unknown) => {
        this.#rooms?.delete(room);
        throw error;
      },
    );
  }

  leave(room: string): boolean {
    if (this.#rooms?.delete(room) !== true) return false;
    this.session.data.release(this.session, room);
    return true;
  }

  stop(reason: StopReason = 'normal'): void {
    if (this.#state === 'joining') this.#state = 'stopping';
    else if (this.#state !== 'stopping') this.#stop(reason);
  }

  holds(room: string): boolean {
    return this.#rooms?.has(room) ?? false;
  }

  /** The client has been told that it joined: what was pushed meanwhile follows, and then live events. */
  begin(): void {
    if (this.#state === 'ended') return;
    const stopped = this.#state === 'stopping';
    this.#state = 'beginning';
    if (stopped) {
      this.#stop('shutdown');
      return;
    }
    for (const frame of this.#early ?? []) this.session.sendAhead(frame);
    this.#early = null;
    void this.join(this.topic, { assigned: true });
    if (this.definition.joined === undefined) this.#goLive();
    else this.#inbox.push(joinedTask);
  }

  /** Ends a channel that the client was not let into. */
  refuse(): void {
    this.#finish();
  }

  /** Hands on a message of the client. */
  receive(task: ChannelTask): void {
    this.#inbox.push(task);
  }

  /** Ends the channel without a word to the client. False where it has ended before. */
  end(reason: LeaveReason): boolean {
    if (this.#state === 'ended') return false;
    this.#finish();
    this.session.data.forget(this);
    const failed = (error: unknown) => this.log(error, 'a leave handler failed');
    try {
      const pending = this.definition.leave?.(this, reason);
      if (pending instanceof Promise) pending.catch(failed);
    } catch (error) {
      failed(error);
    }
    return true;
  }

  /** Tells the client that the channel has ended; the refs are those of the join. */
  tellEnd(event: 'phx_close' | 'phx_error'): void {
    const { session, clientRef } = this;
    const payload = event === 'phx_error' ? { reason: 'channel_crash' } : undefined;
    const topic = this.#topicText;
    session.reply(serializerOf(session.dialect).event({ joinRef: clientRef, ref: clientRef, topic, event, payload }));
  }

  /** A room was taken from the session from outside. */
  removed(room: string): void {
    if (this.#rooms?.delete(room) !== true) return;
    if (room === this.topic) this.stop('shutdown');
    else this.#inbox.push({ kind: 'removed', room });
  }

  handle(task: ChannelTask): unknown {
    if (this.#state === 'ended' || this.session.state !== 'open') return undefined;
    switch (task.kind) {
      case 'joined':
        return this.#runJoined();
      case 'removed':
        return this.definition.removed?.(this, task.room);
      case 'leave':
        this.#reply(task.ref, { status: 'ok', response: undefined });
        if (this.end('left')) this.tellEnd('phx_close');
        return undefined;
      case 'event':
        return this.#handleEvent(task);
    }
  }

  waiting(change: number): void {
    this.session.waiting(change);
  }

  failed(error: unknown): void {
    if (this.#state === 'ended') return;
    this.log(error, 'a channel crashed');
    this.#stop('error');
  }

  log(error: unknown, message: string): void {
    const { host, id } = this.session;
    host.counters.failures++;
    host.logger.error({ session: id, topic: this.topic, err: error }, message);
  }

  #runJoined(): Promise<unknown> | undefined {
    let pending: unknown;
    try {
      pending = this.definition.joined?.(this);
    } finally {
      if (!(pending instanceof Promise)) this.#goLive();
    }
    return pending instanceof Promise ? pending.finally(() => this.#goLive()) : undefined;
  }

  #handleEvent({ event, payload, ref }: EventMessage): Promise<void> | undefined {
    if (event === null) throw new TypeError('the event of a message is no string');
    const result = this.definition.message(event, payload, this);
    if (result instanceof Promise) return result.then((settled) => this.#settle(ref, settled));
    this.#settle(ref, result);
    return undefined;
  }

  #settle(ref: Ref, result: HandlerResult): void {
    if (this.#state === 'ended' || result === undefined) return;
    if ('status' in result) {
      this.#reply(ref, result);
      return;
    }
    if (result.answer !== undefined) this.#reply(ref, result.answer);
    this.#stop(result.stop);
  }

  #reply(ref: Ref, { status, response }: Answer): void {
    const { session, ownRef } = this;
    session.reply(
      serializerOf(session.dialect).reply({ joinRef: ownRef, ref, topic: this.#topicText, status, response }),
    );
  }

  #stop(reason: StopReason): void {
    const crashed = reason === 'error';
    if (this.end(crashed ? 'crashed' : 'closed')) this.tellEnd(crashed ? 'phx_error' : 'phx_close');
  }

  /** Lets the session's events go. */
  #goLive(): void {
    if (this.#state !== 'beginning') return;
    this.#state = 'joined';
    this.session.resumeEvents();
  }

  #finish(): void {
    const held = this.#state !== 'joined';
    this.#state = 'ended';
    this.#early = null;
    this.#inbox.clear();
    const rooms = this.#rooms;
    this.#rooms = null;
    for (const room of rooms ?? []) this.session.data.release(this.session, room);
    if (held) this.session.resumeEvents();
  }

  #stillHolds(room: string): boolean {
    if (this.holds(room)) return true;
    this.session.data.release(this.session, room);
    return false;
  }
}
