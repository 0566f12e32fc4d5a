const at = '2026-01-16T12:05:00.000Z';

/** One event of each kind, of a regulator whose id begins with its fleet's. */
export const eventOf = {
  statusChanged: (regulatorId: string, fields: object = {}) =>
    event(regulatorId, 'REGULATOR_STATUS_CHANGED', { previousStatus: 'CHARGING', newStatus: 'READY', ...fields }),
  checkedOut: (regulatorId: string, fields: object = {}) =>
    event(regulatorId, 'REGULATOR_CHECKED_OUT', {
      playerId: 'player-1',
      firstName: 'John',
      lastName: 'Doe',
      checkoutDateTime: at,
      ...fields,
    }),
  checkedIn: (regulatorId: string, fields: object = {}) =>
    event(regulatorId, 'REGULATOR_CHECKED_IN', {
      checkinDateTime: at,
      durationMinutes: 145,
      newStatus: 'CHARGING',
      ...fields,
    }),
  telemetry: (regulatorId: string, fields: object = {}) => {
    const { barcode, ...payload } = event(regulatorId, 'TELEMETRY_RECEIVED', {}).payload;
    return {
      ...event(regulatorId, 'TELEMETRY_RECEIVED', {}),
      payload: { ...payload, timestamp: at, soc: 85, soh: 95, ...fields },
    };
  },
  fleetUpdated: (fleetId: string, changes: object = {}) => ({
    fleetId,
    type: 'FLEET_UPDATED',
    payload: { fleetId, changes },
  }),
};

function event(regulatorId: string, type: string, payload: object) {
  const fleetId = regulatorId.split('/')[0] as string;
  return { fleetId, type, payload: { regulatorId, barcode: 'VMAX-0001', ...payload } };
}
