import type { ServerMessage } from '@roomcast/vmax-client';
import { Pulse } from '../../live/pulse.js';

/** What has been heard of one regulator. */
export interface Regulator {
  readonly id: string;
  readonly barcode: string | undefined;
  readonly status: string;
  /** State of charge and of health, in percent. */
  readonly soc: number | undefined;
  readonly soh: number | undefined;
  /** Who has it. */
  readonly player: string | undefined;
  /** When it was last heard of, in milliseconds since the epoch. */
  readonly heardAt: number;
}

/** Where only telemetry has been heard so far. */
export const unknownStatus = 'UNKNOWN';

const maxRegulators = 5000;

/** A fleet's regulators, as far as events have told of them. */
export class Board {
  readonly pulse = new Pulse();
  readonly #regulators = new Map<string, Regulator>();
  #columns: ReadonlyMap<string, readonly Regulator[]> | undefined;

  get size(): number {
    return this.#regulators.size;
  }

  get regulators(): Iterable<Regulator> {
    return this.#regulators.values();
  }

  /** Regulators by status, in the order of their barcodes, so that a card moves only when its status does. */
  get columns(): ReadonlyMap<string, readonly Regulator[]> {
    this.#columns ??= grouped(this.#sorted());
    return this.#columns;
  }

  apply(message: ServerMessage): void {
    switch (message.type) {
      case 'REGULATOR_STATUS_CHANGED':
        this.#set(message.payload.regulatorId, {
          barcode: message.payload.barcode,
          status: message.payload.newStatus,
          ...(message.payload.newStatus !== 'CHECKED_OUT' && { player: undefined }),
        });
        break;
      case 'REGULATOR_CHECKED_OUT':
        this.#set(message.payload.regulatorId, {
          barcode: message.payload.barcode,
          status: 'CHECKED_OUT',
          player: `${message.payload.firstName} ${message.payload.lastName}`,
        });
        break;
      case 'REGULATOR_CHECKED_IN':
        this.#set(message.payload.regulatorId, {
          barcode: message.payload.barcode,
          status: message.payload.newStatus,
          player: undefined,
        });
        break;
      case 'TELEMETRY_RECEIVED':
        this.#set(message.payload.regulatorId, { soc: message.payload.soc, soh: message.payload.soh });
        break;
    }
  }

  clear(): void {
    this.#regulators.clear();
    this.#changed();
  }

  #set(id: string, change: Partial<Regulator>): void {
    const known = this.#regulators.get(id);
    const fresh = { id, barcode: undefined, status: unknownStatus, soc: undefined, soh: undefined, player: undefined };
    // The one heard of last stands last: the first to go when there are too many is the one that has been silent longest.
    this.#regulators.delete(id);
    this.#regulators.set(id, { ...(known ?? fresh), ...change, heardAt: Date.now() });
    const [oldest] = this.#regulators.keys();
    if (this.#regulators.size > maxRegulators && oldest !== undefined) this.#regulators.delete(oldest);
    this.#changed();
  }

  #changed(): void {
    this.#columns = undefined;
    this.pulse.changed();
  }

  #sorted(): Regulator[] {
    return [...this.#regulators.values()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  }
}

export function nameOf({ barcode, id }: Regulator): string {
  return barcode ?? id;
}

function grouped(regulators: readonly Regulator[]): Map<string, Regulator[]> {
  const groups = new Map<string, Regulator[]>();
  for (const regulator of regulators) {
    const group = groups.get(regulator.status);
    if (group) group.push(regulator);
    else groups.set(regulator.status, [regulator]);
  }
  return groups;
}
