import type { FleetEvent, RegulatorStatus } from '@roomcast/vmax-protocol';

/** What a demo regulator is and where. */
export interface DemoRegulatorOptions {
  id: string;
  fleetId: string;
  barcode: string;
  status: RegulatorStatus;
  /** From 0 to below 1. */
  random(): number;
}

const players = [
  ['Avery', 'Lindqvist'],
  ['Bruno', 'Okafor'],
  ['Carmen', 'Halloran'],
  ['Dmitri', 'Vance'],
  ['Esme', 'Tanaka'],
  ['Farid', 'Moreau'],
  ['Greta', 'Sandoval'],
  ['Hugo', 'Petrov'],
] as const;

/** Steps of telemetry between being given out and coming back. */
const stepsInUse = 3;
const minuteMs = 60_000;

/** A regulator whose life goes round: given out, used, returned, charged, sometimes repaired. */
export class DemoRegulator {
  #status: RegulatorStatus;
  #soc: number;
  #soh: number;
  #steps = 0;
  #checkedOutAt = 0;

  constructor(readonly options: DemoRegulatorOptions) {
    this.#status = options.status;
    this.#soc = options.status === 'READY' ? 100 : 60 + Math.floor(options.random() * 20);
    this.#soh = 90 + Math.floor(options.random() * 10);
    // Where it was out before the demo began it has been used already, and comes back at once.
    if (options.status === 'CHECKED_OUT') this.#steps = stepsInUse;
  }

  /** What happens to it next. @param now milliseconds since the epoch */
  next(now: number): readonly FleetEvent[] {
    switch (this.#status) {
      case 'READY':
        return this.#checkOut(now);
      case 'CHECKED_OUT':
        return this.#steps < stepsInUse ? this.#use(now) : this.#checkIn(now);
      case 'CHARGING':
        return this.#charge(now);
      case 'WAREHOUSE':
      case 'MAINTENANCE':
        return this.#become('READY');
    }
  }

  #checkOut(now: number): readonly FleetEvent[] {
    const { fleetId, id, barcode, random } = this.options;
    const player = Math.floor(random() * players.length);
    const [firstName, lastName] = players[player] ?? players[0];
    this.#status = 'CHECKED_OUT';
    this.#steps = 0;
    this.#checkedOutAt = now;
    const playerId = `player-${player + 1}`;
    const checkoutDateTime = new Date(now).toISOString();
    const payload = { regulatorId: id, barcode, playerId, firstName, lastName, checkoutDateTime };
    return [{ fleetId, type: 'REGULATOR_CHECKED_OUT', payload }];
  }

  #use(now: number): readonly FleetEvent[] {
    this.#steps++;
    this.#soc = Math.max(5, this.#soc - 5 - Math.floor(this.options.random() * 10));
    return [this.#telemetry(now)];
  }

  /** Returned; and it brings along what it has recorded. */
  #checkIn(now: number): readonly FleetEvent[] {
    const { fleetId, id, barcode, random } = this.options;
    const newStatus = random() < 0.1 ? 'MAINTENANCE' : 'CHARGING';
    const since = this.#checkedOutAt === 0 ? now - 145 * minuteMs : this.#checkedOutAt;
    const durationMinutes = Math.round((now - since) / minuteMs);
    this.#status = newStatus;
    const payload = {
      regulatorId: id,
      barcode,
      checkinDateTime: new Date(now).toISOString(),
      durationMinutes,
      newStatus,
    };
    const records = 20 + Math.floor(random() * 40);
    return [{ fleetId, type: 'REGULATOR_CHECKED_IN', payload }, this.#telemetry(now, records)] as const;
  }

  #charge(now: number): readonly FleetEvent[] {
    if (this.#soc >= 100) return this.#become('READY');
    this.#soc = Math.min(100, this.#soc + 20 + Math.floor(this.options.random() * 20));
    return [this.#telemetry(now)];
  }

  #become(newStatus: RegulatorStatus): readonly FleetEvent[] {
    const { fleetId, id, barcode } = this.options;
    const payload = { regulatorId: id, barcode, previousStatus: this.#status, newStatus };
    this.#status = newStatus;
    return [{ fleetId, type: 'REGULATOR_STATUS_CHANGED', payload }];
  }

  #telemetry(now: number, recordsUploaded?: number): FleetEvent {
    const { fleetId, id } = this.options;
    const timestamp = new Date(now).toISOString();
    const latest = { latestTimestamp: timestamp, latestSoc: this.#soc, latestSoh: this.#soh };
    const batch = recordsUploaded === undefined ? {} : { recordsUploaded, ...latest };
    const payload = { regulatorId: id, timestamp, soc: this.#soc, soh: this.#soh, ...batch };
    return { fleetId, type: 'TELEMETRY_RECEIVED', payload };
  }
}
