import type { Clock, Stop } from '@roomcast/engine';
import type { FleetEvent } from '@roomcast/vmax-protocol';
import type { DirectoryRegulator } from '../directory/data.js';
import { DemoRegulator } from './regulator.js';

export interface DemoFeedOptions {
  regulators: readonly DirectoryRegulator[];
  publish(event: FleetEvent): unknown;
  clock: Clock;
  /** Between two steps, in milliseconds. @default 1000 */
  intervalMs?: number;
  /** From 0 to below 1. @default Math.random */
  random?(): number;
}

/** After so many steps a fleet changes its configuration. */
const stepsPerUpdate = 30;

/** A day at the field: one regulator after the other takes its next step, one a second. */
export class DemoFeed {
  readonly #regulators: readonly DemoRegulator[];
  readonly #options: Required<DemoFeedOptions>;
  #step = 0;
  #stop: Stop = () => {};

  constructor(options: DemoFeedOptions) {
    this.#options = { intervalMs: 1000, random: Math.random, ...options };
    const { random } = this.#options;
    this.#regulators = options.regulators.map(
      ({ id, fleetId, barcode = id, status = 'READY' }) => new DemoRegulator({ id, fleetId, barcode, status, random }),
    );
  }

  start(): void {
    this.#stop();
    this.#stop = this.#options.clock.every(this.#options.intervalMs, () => this.#next());
  }

  stop(): void {
    this.#stop();
  }

  #next(): void {
    const { clock, publish } = this.#options;
    const regulator = this.#regulators[this.#step % this.#regulators.length];
    if (regulator === undefined) return;
    this.#step++;
    for (const event of regulator.next(clock.now())) publish(event);
    if (this.#step % stepsPerUpdate === 0) publish(this.#update(regulator.options.fleetId));
  }

  #update(fleetId: string): FleetEvent {
    const changes = { maxRentalMinutes: 90 + 30 * Math.floor(this.#options.random() * 4) };
    return { fleetId, type: 'FLEET_UPDATED', payload: { fleetId, changes } };
  }
}
