import { type ClientMessage, type Preload, parseClientMessage, reasons, unchanged } from '@roomcast/killmails-protocol';
import {
  type Channel,
  type ChannelDefinition,
  EncodedJson,
  error,
  type HandlerResult,
  type JoinResult,
  ok,
} from '@roomcast/phoenix';
import type { Kills } from './kills.js';
import type { KillmailsGatewayOptions } from './options.js';
import { characterRoom, missedRoom, Subscription, systemRoom } from './subscription.js';
import { killmailUpdate } from './updates.js';

/** What the channel needs of the gateway. */
export interface ChannelContext {
  readonly kills: Kills;
  readonly maxSystems: NonNullable<KillmailsGatewayOptions['maxSystems']>;
  readonly maxCharacters: NonNullable<KillmailsGatewayOptions['maxCharacters']>;
  now(): number;
}

/** A subscription, and the recent kills that its join asked for. */
interface Joined {
  readonly subscription: Subscription;
  readonly preload: Preload | undefined;
}

type KillmailsChannel = Channel<null, Joined>;

/** What may wait at the socket of a client that is sent recent kills, in bytes, before the next ones are sent. */
const maxAheadBytes = 256 * 1024;

/** The channel `killmails:lobby`: who wants which kills. Delivery is by room (`gateway.ts`). */
export class LobbyChannel implements ChannelDefinition<null, Joined> {
  constructor(readonly context: ChannelContext) {}

  join(payload: unknown, channel: KillmailsChannel): JoinResult {
    // Clients that ask for nothing may join with no payload at all.
    const parsed = parseClientMessage('phx_join', payload ?? {});
    if (!parsed.ok) return error({ reason: parsed.reason });
    const message = parsed.message as Extract<ClientMessage, { event: 'phx_join' }>;
    const subscription = new Subscription();
    const refused =
      this.#refusal(subscription, 'systems', message.systems) ??
      this.#refusal(subscription, 'characters', message.characters);
    if (refused !== undefined) return error({ reason: refused });
    this.#add(channel, subscription, 'systems', message.systems);
    this.#add(channel, subscription, 'characters', message.characters);
    subscription.asksForCharacters = message.asksForCharacters;
    channel.data = { subscription, preload: message.preload };
    if (message.notifyMissed === true) void channel.join(missedRoom);
    return ok({ subscription_id: subscription.id, ...listed(subscription), status: 'connected' });
  }

  /** Sends the recent kills that were asked for, a piece at a time, so that nobody is too slow for their own history. */
  async joined(channel: KillmailsChannel): Promise<void> {
    const { preload, subscription } = channel.data;
    if (preload === undefined) return;
    const now = this.context.now();
    const { limitPerSystem: limit, sinceHours } = preload;
    const recent = [...subscription.systems].map((system) => ({
      system,
      kills: this.context.kills.history.recent(system, { sinceHours, limit, now }),
    }));
    for (const { system, kills } of recent) {
      if (kills.length === 0) continue;
      const jsons = kills.map((kill) => kill.json);
      channel.push('killmail_update', new EncodedJson(killmailUpdate({ system, jsons, now, preload: true })));
      if (channel.session.queuedBytes > maxAheadBytes) await channel.session.flushed();
    }
  }

  message(event: string, payload: unknown, channel: KillmailsChannel): HandlerResult {
    const parsed = parseClientMessage(event, payload);
    if (!parsed.ok) return error({ reason: parsed.reason });
    const { subscription } = channel.data;
    const { message } = parsed;
    switch (message.event) {
      case 'subscribe_systems':
        return this.#subscribe(channel, 'systems', message.systems);
      case 'subscribe_characters':
        return this.#subscribe(channel, 'characters', message.characters);
      case 'unsubscribe_systems':
        return this.#unsubscribe(channel, 'systems', message.systems);
      case 'unsubscribe_characters':
        return this.#unsubscribe(channel, 'characters', message.characters);
      case 'get_status':
        return ok({
          subscription_id: subscription.id,
          ...listed(subscription),
          connected_at: new Date(channel.session.connectedAt).toISOString(),
          user_id: channel.session.identity?.id ?? 'anonymous',
        });
      case 'phx_join':
        return error({ reason: reasons.unknownEvent });
    }
  }

  #subscribe(channel: KillmailsChannel, kind: Kind, ids: readonly number[]): HandlerResult {
    const { subscription } = channel.data;
    if (kind === 'characters') subscription.asksForCharacters = true;
    const refused = this.#refusal(subscription, kind, ids);
    if (refused !== undefined) return error({ reason: refused });
    const added = this.#add(channel, subscription, kind, ids);
    return ok({ ...list(subscription, kind), ...(added === 0 ? { message: kinds[kind].alreadySubscribed } : {}) });
  }

  #unsubscribe(channel: KillmailsChannel, kind: Kind, ids: readonly number[]): HandlerResult {
    const { subscription } = channel.data;
    if (kind === 'characters') subscription.asksForCharacters = true;
    let left = 0;
    for (const id of ids) {
      if (!subscription[kind].delete(id)) continue;
      channel.leave(kinds[kind].room(id));
      left++;
    }
    return ok({ ...list(subscription, kind), ...(left === 0 ? { message: kinds[kind].notSubscribed } : {}) });
  }

  /** Why the ids can't all be added, or undefined. */
  #refusal(subscription: Subscription, kind: Kind, ids: readonly number[]): string | undefined {
    const max = kind === 'systems' ? this.context.maxSystems : this.context.maxCharacters;
    const added = ids.filter((id) => !subscription[kind].has(id)).length;
    return subscription[kind].size + added > max ? kinds[kind].tooMany(max) : undefined;
  }

  /** Adds ids and joins their rooms; returns how many were new. */
  #add(channel: KillmailsChannel, subscription: Subscription, kind: Kind, ids: readonly number[]): number {
    const before = subscription[kind].size;
    for (const id of ids) {
      subscription[kind].add(id);
      // Without a topic of its own a room is joined at once.
      void channel.join(kinds[kind].room(id));
    }
    return subscription[kind].size - before;
  }
}

type Kind = 'systems' | 'characters';

const kinds = {
  systems: {
    room: systemRoom,
    tooMany: reasons.tooManySystems,
    alreadySubscribed: unchanged.alreadySubscribedSystems,
    notSubscribed: unchanged.notSubscribedSystems,
  },
  characters: {
    room: characterRoom,
    tooMany: reasons.tooManyCharacters,
    alreadySubscribed: unchanged.alreadySubscribedCharacters,
    notSubscribed: unchanged.notSubscribedCharacters,
  },
} as const;

/** The list a reply carries: always, since the published JavaScript client fails on a reply without it. */
function list(subscription: Subscription, kind: Kind): object {
  return { [`subscribed_${kind}`]: [...subscription[kind]] };
}

function listed(subscription: Subscription): object {
  return {
    ...list(subscription, 'systems'),
    ...(subscription.asksForCharacters ? list(subscription, 'characters') : {}),
  };
}
