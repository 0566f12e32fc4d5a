import {
  type Engine,
  type Gap,
  type Gateway,
  type Mount,
  type ParsedEvent,
  type PublicationOptions,
  type Selection,
  type Spread,
  textFrame,
} from '@roomcast/engine';
import { encodeServerMessage, parsePublishEvent } from '@roomcast/vmax-protocol';
import { Access } from './access.js';
import type { Client, VmaxSession } from './member.js';
import { resolveOptions, type VmaxGatewayOptions } from './options.js';
import {
  type Announcement,
  type FleetNews,
  newsOf,
  parseNews,
  regulatorTold,
  type VmaxEvent,
  withoutDoubledStatus,
} from './publish.js';
import { RegulatorRooms } from './regulator-rooms.js';
import { channelOf, fleetRoom, regulatorRoom } from './rooms.js';
import { VmaxWire } from './wire.js';

/** Serves the VMAX fleets WebSocket API from an engine. */
export function vmaxGateway(engine: Engine, options: VmaxGatewayOptions): VmaxGateway {
  return new VmaxGateway(engine, options);
}

/** The topic of all fleets, where nobody can tell which of them a regulator is in. */
const commonTopic = 'fleets';

export class VmaxGateway implements Gateway<VmaxEvent> {
  readonly name: string;
  readonly mount: Mount<Client, FleetNews>;
  readonly #engine: Engine;
  readonly #access: Access;
  readonly #regulators: RegulatorRooms;

  constructor(engine: Engine, options: VmaxGatewayOptions) {
    const resolved = resolveOptions(options);
    const { name, path, verify, fleetOf } = resolved;
    this.name = name;
    this.#engine = engine;
    this.#access = new Access(fleetOf, engine.logger);
    this.#regulators = new RegulatorRooms({
      access: this.#access,
      mount: () => this.mount,
      topicOf: fleetOf === undefined ? () => commonTopic : (id) => (id === undefined ? undefined : fleetRoom(id)),
      removed: (session, room) => wire.removed(session, room),
    });
    const wire = new VmaxWire({
      verify,
      access: this.#access,
      regulators: this.#regulators,
      topicOf: (fleetId) => this.#topicOf(fleetId),
      identify: (session, identity) => this.mount.identify(session, identity),
      logger: engine.logger,
      now: () => this.#now(),
    });
    this.mount = engine.mount<Client, FleetNews>({
      ...resolved,
      paths: path,
      wire,
      membership: { deleted: (room) => this.#regulators.deleted(room) },
      receive: (news) => this.#receive(news),
      decode: parseNews,
      onGap: (gap) => this.#gap(gap),
    });
  }

  /** Checks an event: `{fleetId, type, payload}`. */
  parse(input: unknown): ParsedEvent<VmaxEvent> {
    const parsed = parsePublishEvent(input);
    return parsed.ok ? { ok: true, event: parsed.value } : parsed;
  }

  /** Has a check-out or check-in beside its own status change bring about no second one. */
  prepare(events: readonly VmaxEvent[]): readonly VmaxEvent[] {
    return withoutDoubledStatus(events);
  }

  /** Delivers an event, on every instance, to whom it concerns. A check-out or check-in tells the status change too. */
  publish(event: VmaxEvent): Spread {
    return this.mount.publish(this.#topicOf(event.fleetId), newsOf(event, this.#now()));
  }

  /** Asks `fleetOf` again about every regulator that somebody here is subscribed to: for when its answers changed. */
  recheck(): Promise<void> {
    return this.#regulators.recheck();
  }

  #topicOf(fleetId: string): string {
    return this.#access.lookup === undefined ? commonTopic : fleetRoom(fleetId);
  }

  #now(): number {
    return this.#engine.options.clock.now();
  }

  #receive({ fleetId, at, announcements }: FleetNews): void {
    for (const announcement of announcements) {
      const { type, payload } = announcement;
      const publication: PublicationOptions = { encode: () => textFrame(encodeServerMessage(type, payload, at)) };
      // Whoever reads too slowly for telemetry gets the latest of each regulator; everything else must arrive.
      const latest: Partial<PublicationOptions> =
        type === 'TELEMETRY_RECEIVED' ? { deliveryClass: 'latest', key: payload.regulatorId } : {};
      this.mount.deliver(this.#audience(fleetId, announcement), { ...publication, ...latest });
    }
  }

  /** Everybody in the fleet's room, and of the regulator's room those who may hear of this fleet. */
  #audience(fleetId: string, announcement: Announcement): Selection<Client> {
    const { rooms } = this.mount;
    const regulatorId = regulatorTold(announcement);
    if (regulatorId === undefined) return { rooms: [fleetRoom(fleetId)] };
    const listening = [...(rooms.members(regulatorRoom(regulatorId)) ?? [])];
    const hears = ({ data }: VmaxSession) =>
      data.state === 'member' && this.#access.hearsRegulatorOf(data.member, fleetId);
    if (listening.every(hears)) return { rooms: [fleetRoom(fleetId), regulatorRoom(regulatorId)] };
    return { sessions: [...(rooms.members(fleetRoom(fleetId)) ?? []), ...listening.filter(hears)] };
  }

  /** Tells those who may have missed something, and asked to be told. */
  #gap(gap: Gap): void {
    const { mount } = this;
    this.#engine.logger.warn({ mount: this.name, ...gap }, 'events of another instance were lost on the bus');
    const asked = ({ data }: VmaxSession) => data.state === 'member' && data.member.notifyMissed;
    const encode = () => textFrame(encodeServerMessage('EVENTS_MISSED', undefined, this.#now()));
    const sessions = this.#subscribers(gap.topic).filter(asked);
    mount.deliver({ sessions }, { encode, deliveryClass: 'latest', key: 'EVENTS_MISSED' });
  }

  /** Whom events of a topic may be for. Who is subscribed twice is listed twice, and told once. */
  #subscribers(topic: string): VmaxSession[] {
    const { sessions, rooms } = this.mount;
    if (topic === commonTopic) return [...sessions].filter((session) => session.rooms.size > 0);
    const channel = channelOf(topic);
    if (channel.channel !== 'fleet') return [];
    const names = [topic, ...this.#regulators.of(channel.fleetId)];
    return names.flatMap((name) => [...(rooms.members(name) ?? [])]);
  }
}
