import type { Engine, Gap, Gateway, Mount, ParsedEvent, Spread } from '@roomcast/engine';
import { type ConnectionStats, parsePublishEvent, type RaffleEvent } from '@roomcast/raffle-protocol';
import { Audience } from './audience.js';
import type { Client, RaffleSession } from './client.js';
import { Figures } from './figures.js';
import { eventFrame, missedFrame, type PublishedEvent } from './frames.js';
import { type RaffleGatewayOptions, type ResolvedOptions, resolveOptions } from './options.js';
import { SubscriptionIndex } from './subscription-index.js';
import { Users } from './users.js';
import { RaffleWire } from './wire.js';

/** The topic by which events travel between instances: one for all, since a subscription may be for any event. */
const busTopic = 'events';

/** Serves the raffle platform's WebSocket API from an engine. */
export function raffleGateway(engine: Engine, options: RaffleGatewayOptions): RaffleGateway {
  return new RaffleGateway(engine, options);
}

export class RaffleGateway implements Gateway<RaffleEvent> {
  readonly name: string;
  readonly mount: Mount<Client, PublishedEvent>;
  readonly #engine: Engine;
  readonly #options: ResolvedOptions;
  readonly #audience: Audience<RaffleSession>;
  readonly #figures: Figures;

  constructor(engine: Engine, options: RaffleGatewayOptions) {
    this.#engine = engine;
    this.#options = resolveOptions(options);
    this.name = this.#options.name;
    this.#audience = new Audience(new SubscriptionIndex(), (userId) => this.mount.sessionsOf(userId));
    const users = new Users(engine, this.name, {
      joined: (user_id, { username, at }) => {
        const timestamp = new Date(at).toISOString();
        this.#deliver({ message_type: 'user_joined', data: { user_id, username, joined_at: timestamp }, timestamp });
      },
      left: (user_id) => this.#tellLeft(user_id),
    });
    const wire = new RaffleWire({
      options: this.#options,
      audience: this.#audience,
      users,
      logger: engine.logger,
      now: this.#now,
      identify: (session, identity) => this.mount.identify(session, identity),
      changed: () => this.#figures.changed(),
    });
    this.mount = engine.mount<Client, PublishedEvent>({
      ...this.#options,
      wire,
      receive: (event) => this.#deliver(event),
      decode: (value) => this.#decode(value),
      onGap: (gap) => this.#gap(gap, wire),
      membership: {
        joined: (room) => this.#figures.roomChanged(room),
        left: (room) => this.#figures.roomChanged(room),
      },
    });
    this.#figures = new Figures(engine, this.name, this.#local(wire));
  }

  /** Resolves once the events of other instances arrive here. */
  ready(): Promise<void> {
    return this.mount.follow(busTopic);
  }

  /** Checks an event: `{message_type, data, room?, timestamp?}`. */
  parse(input: unknown): ParsedEvent<RaffleEvent> {
    const parsed = parsePublishEvent(input);
    return parsed.ok ? { ok: true, event: parsed.value } : parsed;
  }

  /** Delivers an event, on every instance, to whoever subscribed to it and may see it. */
  publish(event: RaffleEvent): Spread {
    return this.mount.publish(busTopic, {
      ...event,
      timestamp: event.timestamp ?? new Date(this.#now()).toISOString(),
    });
  }

  /** What `GET /ws/stats` answers, for the whole cluster. */
  stats(): ConnectionStats {
    return this.#figures.read();
  }

  readonly #now = (): number => this.#engine.options.clock.now();

  #deliver(event: PublishedEvent): void {
    const sessions = this.#audience.of(event, this.#now());
    const delivered = this.mount.deliver({ sessions }, { encode: () => eventFrame(event) });
    this.#figures.sent(delivered);
    if (this.#options.logEvents) {
      this.#engine.logger.debug({ event: event.message_type, room: event.room, delivered }, 'an event was delivered');
    }
  }

  /** Tells those who asked for it that they should load the present state. */
  #gap(gap: Gap, wire: RaffleWire): void {
    this.#engine.logger.warn({ mount: this.name, ...gap }, 'events of another instance were lost on the bus');
    const encode = () => missedFrame(this.#now());
    this.mount.deliver({ sessions: wire.attentive }, { encode, deliveryClass: 'latest', key: 'events_missed' });
  }

  #tellLeft(user_id: string): void {
    // While this instance shuts down everybody here leaves: nobody is left to be told by it.
    if (this.#engine.draining) return;
    const timestamp = new Date(this.#now()).toISOString();
    this.#deliver({ message_type: 'user_left', data: { user_id, left_at: timestamp }, timestamp });
  }

  #decode(value: unknown): PublishedEvent | undefined {
    const parsed = parsePublishEvent(value);
    if (!parsed.ok || parsed.value.timestamp === undefined) return undefined;
    return { ...parsed.value, timestamp: parsed.value.timestamp };
  }

  #local(wire: RaffleWire) {
    const { mount } = this;
    return {
      get connections() {
        return mount.sessions.size;
      },
      get authenticated() {
        return wire.authenticated;
      },
      rooms: () => mount.rooms.entries(),
      room: (room: string) => mount.rooms.members(room)?.size ?? 0,
    };
  }
}
