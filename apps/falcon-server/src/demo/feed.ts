import type { Clock, Stop } from '@roomcast/engine';
import { type FalconEvent, groupRoom, threadRoom } from '@roomcast/falcon-protocol';
import { type DemoUser, demoIdentities } from './identities.js';

export interface DemoFeedOptions {
  clock: Clock;
  publish(event: FalconEvent): unknown;
  /** Between two events, in milliseconds. @default 2000 */
  intervalMs?: number;
  /** From 0 to below 1. @default Math.random */
  random?(): number;
}

const lines = ['o7', 'Gate is green', 'Two jumps out', 'Form up on me', 'Anyone for a roam tonight?', 'Docked, brb'];
const systems = ['Jita', 'Amarr', 'Rens', 'Hek', 'Dodixie'];

/** An evening of a made-up alliance: one event after the other, of every kind that a backend publishes. */
export class DemoFeed {
  readonly #options: Required<DemoFeedOptions>;
  #stop: Stop | undefined;
  #step = 0;
  #isInLogistics = false;

  constructor(options: DemoFeedOptions) {
    this.#options = { intervalMs: 2000, random: Math.random, ...options };
  }

  start(): void {
    const { clock, intervalMs, publish } = this.#options;
    this.#stop ??= clock.every(intervalMs, () => publish(this.#next()));
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #next(): FalconEvent {
    const someone = this.#one(demoIdentities);
    switch (this.#step++ % 6) {
      case 0:
        return {
          type: 'message',
          room: threadRoom('welcome'),
          data: { text: this.#one(lines), sender: someone.character_name },
        };
      case 1:
        return {
          type: 'notification',
          user_id: someone.id,
          data: { title: 'Mail', message: `${someone.character_name}, you have new mail` },
        };
      case 2:
        return {
          type: 'custom_event',
          room: groupRoom('fleet-commanders'),
          data: { event: 'fleet_moved', system: this.#one(systems) },
        };
      case 3:
        return this.#profileOf(someone);
      case 4:
        return this.#regroup(demoIdentities[3] as DemoUser);
      default:
        return {
          type: 'system_notification',
          data: { message: `Eve time is ${new Date(this.#options.clock.now()).toISOString().slice(11, 16)}` },
        };
    }
  }

  #profileOf({ id, character_id, character_name }: DemoUser): FalconEvent {
    const profile = { character_name, last_login: new Date(this.#options.clock.now()).toISOString() };
    return { type: 'user_profile_update', data: { user_id: id, character_id, profile } };
  }

  /** One user joins and leaves a group, again and again. */
  #regroup({ id }: DemoUser): FalconEvent {
    this.#isInLogistics = !this.#isInLogistics;
    const data = { user_id: id, group_id: 'logistics', group_name: 'Logistics', joined: this.#isInLogistics };
    return { type: 'group_membership_change', data };
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#options.random() * items.length)] as Item;
  }
}
