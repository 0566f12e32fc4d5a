import type { Session } from '@roomcast/engine';
import type { BroadcastOptions } from './broadcast.js';
import type { Channel, ChannelDefinition } from './channel.js';
import { type Address, type ClientMessage, type JoinMessage, topicText } from './client-message.js';
import { serializerOf } from './dialects.js';
import { JoinedChannel } from './joined-channel.js';
import { noRef } from './ref.js';
import { type Answer, error, type JoinResult, ok } from './results.js';
import type { Routes } from './routes.js';

/** What the sockets of one endpoint have in common. */
export interface SocketRules<Assigns> {
  readonly routes: Routes<ChannelDefinition<Assigns>>;
  readonly maxChannels: number;
  broadcast(topic: string, event: string, payload: unknown, options?: BroadcastOptions<Assigns>): number;
}

type PhoenixSession<Assigns> = Session<PhoenixSocket<Assigns>>;

const done = ok();
const unmatched = error({ reason: 'unmatched topic' });
const tooMany = error({ reason: 'too many channels joined' });
const joinCrashed = error({ reason: 'join crashed' });

/** What the wire keeps about a session: the application's assigns, and the channels it has joined. */
export class PhoenixSocket<Assigns = unknown> {
  #channels: Map<string, JoinedChannel<Assigns>> | null = null;
  #joining: JoinedChannel<Assigns> | null = null;

  constructor(
    readonly assigns: Assigns,
    readonly rules: SocketRules<Assigns>,
  ) {}

  /** The channels by their topics. */
  get channels(): ReadonlyMap<string, Channel<Assigns>> {
    return this.#channels ?? new Map();
  }

  /** Handles one message; a promise only while a join is at work. */
  receive(session: PhoenixSession<Assigns>, message: ClientMessage): Promise<void> | undefined {
    switch (message.kind) {
      case 'heartbeat':
        answer(session, { joinRef: noRef, ref: message.ref, topic: 'phoenix' }, done);
        return undefined;
      case 'join':
        return this.#join(session, message);
      case 'leave':
      case 'event': {
        const channel = typeof message.topic === 'string' ? this.#channels?.get(message.topic) : undefined;
        if (channel !== undefined) {
          // A message of an earlier join of the topic has nobody left that it is for.
          const stale = message.joinRef !== noRef && message.joinRef !== channel.clientRef;
          if (!stale) channel.receive(message);
        } else if (message.kind === 'leave') {
          answer(session, message, done);
        } else {
          answer(session, { ...message, joinRef: noRef }, unmatched);
        }
        return undefined;
      }
    }
  }

  /** The session is in a room no more, as far as one of its channels goes. */
  release(session: PhoenixSession<Assigns>, room: string): void {
    if (this.#joining?.holds(room)) return;
    for (const channel of this.#channels?.values() ?? []) if (channel.holds(room)) return;
    session.leave(room);
  }

  forget(channel: JoinedChannel<Assigns>): void {
    if (this.#channels?.get(channel.topic) === channel) this.#channels.delete(channel.topic);
  }

  /** A room was taken from the session from outside. */
  removed(room: string): void {
    this.#joining?.removed(room);
    for (const channel of [...(this.#channels?.values() ?? [])]) channel.removed(room);
  }

  /** The connection is gone. */
  closed(): void {
    for (const channel of [...(this.#channels?.values() ?? [])]) channel.end('disconnected');
  }

  #join(session: PhoenixSession<Assigns>, message: JoinMessage): Promise<void> | undefined {
    const { topic } = message;
    const definition = typeof topic === 'string' ? this.rules.routes.find(topic) : undefined;
    if (typeof topic !== 'string' || definition === undefined) {
      answer(session, { ...message, joinRef: noRef }, unmatched);
      return undefined;
    }
    const before = this.#channels?.get(topic);
    before?.end('rejoined');
    if (this.#channels !== null && this.#channels.size >= this.rules.maxChannels) {
      answer(session, message, tooMany);
      return undefined;
    }
    const channel = new JoinedChannel(session, definition, { ...message, topic });
    this.#joining = channel;
    const result = ask(channel, message.payload);
    if (result instanceof Promise) return result.then((settled) => this.#settleJoin(channel, message, settled, before));
    this.#settleJoin(channel, message, result, before);
    return undefined;
  }

  /** The reply to a join goes before everything else: the end of the channel before it, early pushes, live events. */
  #settleJoin(
    channel: JoinedChannel<Assigns>,
    message: JoinMessage,
    result: JoinResult,
    before: JoinedChannel<Assigns> | undefined,
  ): void {
    const { session, topic } = channel;
    this.#joining = null;
    const joined = result.status === 'ok';
    if (joined) {
      this.#channels ??= new Map();
      this.#channels.set(topic, channel);
    }
    try {
      answer(session, message, result);
    } catch (cause) {
      channel.log(cause, 'the response to a join cannot be sent');
      if (joined) channel.end('crashed');
      answer(session, message, joinCrashed);
    }
    before?.tellEnd('phx_close');
    if (!joined) channel.refuse();
    else if (session.state === 'open') channel.begin();
    else channel.end('disconnected');
  }
}

/** Has the application decide; its failure is a refusal. */
function ask<Assigns>(channel: JoinedChannel<Assigns>, payload: unknown): JoinResult | Promise<JoinResult> {
  const crashed = (cause: unknown): JoinResult => {
    channel.log(cause, 'joining a channel failed');
    return joinCrashed;
  };
  try {
    const result = channel.definition.join(payload, channel);
    return result instanceof Promise ? result.catch(crashed) : result;
  } catch (cause) {
    return crashed(cause);
  }
}

function answer(session: Session<unknown>, { joinRef, ref, topic }: Address, { status, response }: Answer): void {
  session.reply(serializerOf(session.dialect).reply({ joinRef, ref, topic: topicText(topic), status, response }));
}
