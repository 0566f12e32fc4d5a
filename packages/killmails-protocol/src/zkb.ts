import type { WireZkb, Zkb } from './entities.js';

/** zKillboard's figures under both names; the R2Z2 feed names the hash beside them. */
export function toZkb(from: WireZkb | undefined, hash?: string): Zkb | undefined {
  if (from === undefined) return hash === undefined ? undefined : { hash };
  const total = from.totalValue ?? from.total_value ?? undefined;
  const fitted = from.fittedValue ?? from.fitted_value ?? undefined;
  const dropped = from.droppedValue ?? from.dropped_value ?? undefined;
  const destroyed = from.destroyedValue ?? from.destroyed_value ?? undefined;
  const location = from.locationID ?? from.location_id ?? undefined;
  return {
    ...from,
    hash: from.hash ?? hash,
    totalValue: total,
    total_value: total,
    fittedValue: fitted,
    fitted_value: fitted,
    droppedValue: dropped,
    dropped_value: dropped,
    destroyedValue: destroyed,
    destroyed_value: destroyed,
    locationID: location,
    location_id: location,
    points: from.points ?? undefined,
    npc: from.npc ?? undefined,
    solo: from.solo ?? undefined,
    awox: from.awox ?? undefined,
    labels: from.labels ?? undefined,
  };
}
