import type { Template } from '../../services/desk.js';

const fleetId = 'fleet-paintball-paradise';
const people = [
  ['Avery', 'Lindqvist'],
  ['Carmen', 'Halloran'],
  ['Farid', 'Moreau'],
] as const;
const circle = ['WAREHOUSE', 'READY', 'CHECKED_OUT', 'CHARGING'] as const;

const nameOf = (index: number) => String((index % 200) + 1).padStart(4, '0');
const of = (index: number) => ({ regulatorId: `reg-${nameOf(index)}`, barcode: `VMAX-${nameOf(index)}` });

/** Events of a fleet of 200 in turn. */
export const templates: readonly Template[] = [
  {
    name: 'Battery figures arrive',
    make: (index) => {
      const { regulatorId } = of(index);
      const soc = 20 + ((index * 7) % 81);
      const payload = { regulatorId, timestamp: new Date().toISOString(), soc, soh: 90 + (index % 10) };
      return { fleetId, type: 'TELEMETRY_RECEIVED', payload };
    },
  },
  {
    name: 'A regulator is given out',
    make: (index) => {
      const [firstName, lastName] = people[index % people.length] ?? people[0];
      const payload = { ...of(index), firstName, lastName, checkoutDateTime: new Date().toISOString() };
      return { fleetId, type: 'REGULATOR_CHECKED_OUT', payload };
    },
  },
  {
    name: 'A regulator comes back',
    make: (index) => {
      const checkinDateTime = new Date().toISOString();
      const payload = { ...of(index), checkinDateTime, durationMinutes: 45, newStatus: 'CHARGING' };
      return { fleetId, type: 'REGULATOR_CHECKED_IN', payload };
    },
  },
  {
    name: 'A status changes',
    make: (index) => {
      const step = Math.floor(index / 200) + index;
      const payload = {
        ...of(index),
        previousStatus: circle[step % circle.length],
        newStatus: circle[(step + 1) % circle.length],
      };
      return { fleetId, type: 'REGULATOR_STATUS_CHANGED', payload };
    },
  },
  {
    name: 'The fleet’s configuration changes',
    make: (index) => ({
      fleetId,
      type: 'FLEET_UPDATED',
      payload: { fleetId, changes: { maxRentalMinutes: 60 + 30 * (index % 4) } },
    }),
  },
];
