import { type Clock, Emitter, type Listener, type ListenerErrorHandler } from '@roomcast/client-core';
import type { AnalyticsUpdate } from '@roomcast/spywatcher-protocol';
import type { GuildEvent, ReceivedEvent, RoomKind } from './events.js';
import { LastUpdates } from './last-updates.js';

/** What the server is asked for. */
export interface Room {
  readonly kind: RoomKind;
  readonly guildId: string;
}

export interface SubscriptionsOptions {
  readonly clock: Clock;
  readonly onListenerError: ListenerErrorHandler | undefined;
  /** What is wanted may be something else now. */
  onChange(): void;
}

/** The events of a guild, or its analytics. */
type Handler = { guild: Listener<GuildEvent>; analytics: Listener<AnalyticsUpdate> };

interface Followed {
  readonly room: Room;
  /** Those who follow it, by what the emitter knows them by. */
  readonly ids: Set<number>;
}

/** Who follows what: several callers follow a room that the server is asked for once. */
export class Subscriptions {
  #lastId = 0;
  readonly #followed = new Map<string, Followed>();
  readonly #handlers: Emitter<Record<number, unknown>>;
  readonly #updates: LastUpdates;

  constructor(private readonly options: SubscriptionsOptions) {
    const { clock, onListenerError } = options;
    this.#handlers = new Emitter(onListenerError && ((error) => onListenerError(error, 'subscribe')));
    this.#updates = new LastUpdates(clock);
  }

  /** Every room that somebody follows by now, once. */
  get wanted(): ReadonlyMap<string, Followed> {
    return this.#followed;
  }

  /** Returns the way to end it, which may be called again. */
  add<Kind extends RoomKind>(kind: Kind, guildId: string, handler: Handler[Kind] | undefined): () => void {
    const key = `${kind}:${guildId}`;
    const id = ++this.#lastId;
    const followed = this.#followed.get(key) ?? { room: { kind, guildId }, ids: new Set() };
    this.#followed.set(key, followed);
    followed.ids.add(id);
    const off = this.#handlers.on(id, (handler ?? (() => {})) as Listener<unknown>);
    this.options.onChange();
    if (kind === 'analytics') this.#welcome(id, guildId);
    return () => {
      off();
      if (!followed.ids.delete(id) || followed.ids.size > 0 || this.#followed.get(key) !== followed) return;
      this.#followed.delete(key);
      if (kind === 'analytics') this.#updates.release(guildId);
      this.options.onChange();
    };
  }

  /**
   * Tells those an event is for. Servers that do not say of which guild an event is mean one that was subscribed to: it
   * is for all who follow a guild's events.
   */
  deliver(event: ReceivedEvent): void {
    if (event.event === 'analytics:update') this.#analytics(event.data);
    else if (event.data.guildId !== undefined) this.#tell(`guild:${event.data.guildId}`, event);
    else for (const key of [...this.#followed.keys()]) if (key.startsWith('guild:')) this.#tell(key, event);
  }

  /** The server does not let this one follow it. */
  denied(kind: RoomKind, guildId: string): void {
    if (kind === 'analytics') this.#updates.drop(guildId);
  }

  /** What was known may not be for whom the client is from now on. */
  forget(): void {
    this.#updates.clear();
  }

  /** Nobody follows anything any more, and nobody is told. */
  clear(): void {
    this.#followed.clear();
    this.#handlers.clear();
    this.#updates.clear();
  }

  #analytics(update: AnalyticsUpdate): void {
    const key = `analytics:${update.guildId}`;
    if (!this.#followed.has(key)) return;
    this.#updates.set(update);
    this.#tell(key, update);
  }

  /** Later, as the server would, and unless a newer update was told meanwhile. */
  #welcome(id: number, guildId: string): void {
    this.#updates.keep(guildId);
    const last = this.#updates.get(guildId);
    if (last === undefined) return;
    queueMicrotask(() => {
      if (this.#updates.get(guildId) === last) this.#handlers.emit(id, last);
    });
  }

  #tell(key: string, payload: unknown): void {
    for (const id of [...(this.#followed.get(key)?.ids ?? [])]) this.#handlers.emit(id, payload);
  }
}
