import { Inbox, type InboxOwner, type Logger } from '@roomcast/engine';
import {
  type Ack,
  type AnalyticsUpdate,
  analyticsRoom,
  errorTexts,
  guildRoom,
  parseClientEvent,
  type SubscriptionRequest,
  snapshotIntervalMs,
} from '@roomcast/spywatcher-protocol';
import type { Access } from './access.js';
import { EventRate } from './event-rate.js';
import type { SpywatcherSocket } from './types.js';
import type { Updates } from './updates.js';

/** Events of one socket that may wait for the directory: more are dropped like those over the rate. */
const maxWaiting = 100;
/** Above so many remembered snapshots those that are too old to matter are forgotten. */
const maxRemembered = 200;

export interface SubscriberHost {
  readonly access: Access;
  readonly logger: Logger;
  readonly maxGuilds: number;
  readonly maxMessages: number;
  readonly messageWindowMs: number;
  readonly updates: Pick<Updates, 'last' | 'learn'>;
  now(): number;
  /** It has sent too much for too long. */
  disconnect(socket: SpywatcherSocket): void;
}

interface Request extends SubscriptionRequest {
  acknowledge(ack: Ack): void;
}

const rooms = { analytics: analyticsRoom, guild: guildRoom };

/** The server's side of one socket: its requests, one after the other, within its rate. */
export class Subscriber implements InboxOwner<Request> {
  readonly #inbox = new Inbox<Request>(this);
  readonly #rate: EventRate;
  readonly #guilds = { analytics: new Set<string>(), guild: new Set<string>() };
  readonly #snapshots = new Map<string, number>();
  #waiting = 0;

  constructor(
    readonly socket: SpywatcherSocket,
    readonly host: SubscriberHost,
  ) {
    this.#rate = new EventRate(host.maxMessages, host.messageWindowMs);
  }

  /** An event of the client. What is no request of the protocol is ignored. */
  received([name, guildId, acknowledge]: readonly unknown[]): void {
    const { maxMessages, messageWindowMs } = this.host;
    const verdict = this.#rate.judge(this.host.now(), this.#waiting >= maxWaiting);
    if (verdict === 'complain') {
      this.#complain(errorTexts.tooManyEvents(Math.ceil((maxMessages * 1000) / messageWindowMs)));
    }
    if (verdict === 'disconnect') this.host.disconnect(this.socket);
    const request = verdict === 'handle' ? parseClientEvent(name, guildId) : undefined;
    if (request === undefined) return;
    const answer = (ack: Ack) => {
      if (typeof acknowledge === 'function') acknowledge(ack);
    };
    this.#inbox.push({ ...request, acknowledge: answer });
  }

  /** A room was taken from it. */
  removed(kind: 'analytics' | 'guild', guildId: string): void {
    this.#guilds[kind].delete(guildId);
    this.#complain(errorTexts.notAuthorized);
  }

  handle({ action, room, guildId, acknowledge }: Request): unknown {
    if (!this.socket.connected) return undefined;
    if (action === 'subscribe') return this.#subscribe(room, guildId, acknowledge);
    if (guildId !== undefined) this.#leave(room, guildId);
    acknowledge({ ok: guildId !== undefined });
    return undefined;
  }

  waiting(change: number): void {
    this.#waiting += change;
  }

  failed(error: unknown): void {
    this.host.logger.error({ socket: this.socket.id, err: error }, 'a subscription failed');
  }

  async #subscribe(kind: 'analytics' | 'guild', guildId: string | undefined, acknowledge: Request['acknowledge']) {
    const refuse = (message: string) => {
      this.#complain(message);
      acknowledge({ ok: false, message });
    };
    if (guildId === undefined) return refuse(errorTexts.invalidGuildId);
    const may = this.host.access.may(this.socket.data.user, guildId);
    if (!(typeof may === 'boolean' ? may : await may)) return refuse(errorTexts.notAuthorized);
    const guilds = this.#guilds[kind];
    if (!guilds.has(guildId) && guilds.size >= this.host.maxGuilds) {
      return refuse(errorTexts.tooManyGuilds(this.host.maxGuilds));
    }
    try {
      await this.socket.join(rooms[kind](guildId));
    } catch (error) {
      this.host.logger.error({ socket: this.socket.id, err: error }, 'the events of a guild can not be had');
      return refuse(errorTexts.unavailable);
    }
    guilds.add(guildId);
    acknowledge({ ok: true });
    if (kind === 'analytics') this.#welcome(guildId);
  }

  #leave(kind: 'analytics' | 'guild', guildId: string): void {
    if (this.#guilds[kind].delete(guildId)) void this.socket.leave(rooms[kind](guildId));
  }

  /** Whoever comes is told what was sent last. */
  #welcome(guildId: string): void {
    const { updates } = this.host;
    const learning = updates.learn(guildId);
    if (learning === undefined) this.#sendLast(updates.last(guildId));
    else {
      void learning.then((update) => {
        if (this.#guilds.analytics.has(guildId)) this.#sendLast(update);
      });
    }
  }

  /** Not once more for coming again at once. */
  #sendLast(update: AnalyticsUpdate | undefined): void {
    if (update === undefined) return;
    const { guildId } = update;
    const now = this.host.now();
    if (now - (this.#snapshots.get(guildId) ?? Number.NEGATIVE_INFINITY) < snapshotIntervalMs) return;
    if (this.#snapshots.size >= maxRemembered) {
      for (const [guild, at] of this.#snapshots) {
        if (now - at >= snapshotIntervalMs) this.#snapshots.delete(guild);
      }
    }
    this.#snapshots.set(guildId, now);
    this.socket.emit('analytics:update', update);
  }

  #complain(message: string): void {
    this.socket.emit('error', { message });
  }
}
