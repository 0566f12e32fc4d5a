import { ManualClock } from '@roomcast/testing';
import { type FleetEvent, parsePublishEvent, type RegulatorStatus } from '@roomcast/vmax-protocol';
import { describe, expect, test } from 'vitest';
import { DemoFeed } from '../src/demo/feed.js';
import { demoDirectory } from '../src/directory/directory.js';

const { regulators } = demoDirectory();

/** Numbers from 0 to below 1, always the same. */
function steady(): () => number {
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

async function run(seconds: number): Promise<FleetEvent[]> {
  const clock = new ManualClock();
  const events: FleetEvent[] = [];
  const feed = new DemoFeed({ regulators, publish: (event) => events.push(event), clock, random: steady() });
  feed.start();
  await clock.advance(seconds * 1000);
  feed.stop();
  const count = events.length;
  await clock.advance(10_000);
  expect(events).toHaveLength(count);
  return events;
}

describe('the demo feed', () => {
  test('publishes what is valid, about once a second', async () => {
    const events = await run(300);
    expect(events.length).toBeGreaterThanOrEqual(300);
    expect(events.length).toBeLessThan(450);
    for (const event of events) expect(parsePublishEvent(event)).toEqual({ ok: true, value: event });
  });

  test('shows a check-out, a check-in, telemetry and a status change of the first fleet within ten seconds', async () => {
    const events = (await run(10)).filter(({ fleetId }) => fleetId === 'fleet-paintball-paradise');
    const types = new Set(events.map(({ type }) => type));
    expect([...types].sort()).toEqual([
      'REGULATOR_CHECKED_IN',
      'REGULATOR_CHECKED_OUT',
      'REGULATOR_STATUS_CHANGED',
      'TELEMETRY_RECEIVED',
    ]);
  });

  test('shows a fleet update and every status in the long run, in both fleets', async () => {
    const events = await run(600);
    expect(events.filter(({ type }) => type === 'FLEET_UPDATED')).toHaveLength(20);
    expect(new Set(events.map(({ fleetId }) => fleetId)).size).toBe(2);
    expect(JSON.stringify(events)).toContain('MAINTENANCE');
  });

  test('tells one coherent life of each regulator', async () => {
    const status = new Map<string, RegulatorStatus>(regulators.map((one) => [one.id, one.status ?? 'READY']));
    const soc = new Map<string, number>();
    for (const event of await run(900)) {
      if (event.type === 'FLEET_UPDATED') continue;
      const { regulatorId } = event.payload;
      const before = status.get(regulatorId);
      switch (event.type) {
        case 'REGULATOR_CHECKED_OUT':
          expect(before).toBe('READY');
          status.set(regulatorId, 'CHECKED_OUT');
          break;
        case 'REGULATOR_CHECKED_IN':
          expect(before).toBe('CHECKED_OUT');
          expect(event.payload.durationMinutes).toBeGreaterThanOrEqual(0);
          status.set(regulatorId, event.payload.newStatus as RegulatorStatus);
          break;
        case 'REGULATOR_STATUS_CHANGED':
          expect(event.payload.previousStatus).toBe(before);
          status.set(regulatorId, event.payload.newStatus as RegulatorStatus);
          break;
        case 'TELEMETRY_RECEIVED': {
          const charge = event.payload.soc;
          expect(charge).toBeGreaterThanOrEqual(0);
          expect(charge).toBeLessThanOrEqual(100);
          if (before === 'CHARGING' && event.payload.recordsUploaded === undefined) {
            expect(charge).toBeGreaterThan(soc.get(regulatorId) ?? 0);
          }
          soc.set(regulatorId, charge);
        }
      }
    }
  });
});
