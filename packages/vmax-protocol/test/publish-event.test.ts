import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
// Loaded into the same process it gives zod/mini texts of its own, which must not get into ours.
import 'zod';
import { events, eventTypes, parsePublishEvent, serverPayloads } from '../src/index.js';
import { example } from './support/data.js';

const fleetId = 'fleet-1';

function accepted(type: string, payload?: unknown) {
  const parsed = parsePublishEvent({ fleetId, type, payload });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

function issuesOf(input: unknown): string[] {
  const parsed = parsePublishEvent(input);
  return parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path}: ${message}`);
}

describe('what is wrong with an event', () => {
  it.each([null, 5, 'x', [], undefined])('that is %j is told of the event itself', (input) => {
    expect(issuesOf(input)).toEqual([expect.stringMatching(/^: expected an object, got /)]);
  });

  it('is told field by field, all at once', () => {
    const payload = { regulatorId: 5, barcode: 'VMAX-0001', previousStatus: 'READY', newStatus: 'BROKEN' };
    expect(issuesOf({ fleetId: '', type: 'REGULATOR_STATUS_CHANGED', payload })).toEqual([
      'fleetId: expected a text of 1 to 128 characters, no control characters, got ""',
      'payload.regulatorId: expected a string, got 5',
      'payload.newStatus: expected one of WAREHOUSE, READY, CHECKED_OUT, CHARGING, MAINTENANCE, got "BROKEN"',
    ]);
  });

  it('is told where the fleet or the type is missing', () => {
    const issues = issuesOf({ payload: {} });
    expect(issues[0]).toMatch(/^fleetId: expected a string, got nothing$/);
    expect(issues[1]).toMatch(/^type: expected one of REGULATOR_STATUS_CHANGED, .*FLEET_UPDATED, got nothing$/);
    expect(issuesOf({ fleetId, type: 'CONNECTED', payload: {} })[0]).toMatch(/^type: .*got "CONNECTED"$/);
    expect(issuesOf({ fleetId, type: 'toString' })[0]).toMatch(/^type: /);
  });

  it('is told where the payload is none', () => {
    for (const payload of [undefined, null, 5, []]) {
      expect(issuesOf({ fleetId, type: 'TELEMETRY_RECEIVED', payload })[0]).toMatch(/^payload: expected an object/);
    }
  });

  it.each([
    ['REGULATOR_CHECKED_OUT', { checkoutDateTime: 'yesterday' }, 'payload.checkoutDateTime'],
    ['REGULATOR_CHECKED_OUT', { firstName: undefined }, 'payload.firstName'],
    ['REGULATOR_CHECKED_OUT', { previousStatus: 'NEW' }, 'payload.previousStatus'],
    ['REGULATOR_CHECKED_IN', { durationMinutes: -1 }, 'payload.durationMinutes'],
    ['REGULATOR_CHECKED_IN', { durationMinutes: '145' }, 'payload.durationMinutes'],
    ['TELEMETRY_RECEIVED', { soc: '85' }, 'payload.soc'],
    ['TELEMETRY_RECEIVED', { timestamp: '2026-01-16T12:10:00' }, 'payload.timestamp'],
    ['TELEMETRY_RECEIVED', { recordsUploaded: 0 }, 'payload.recordsUploaded'],
    ['TELEMETRY_RECEIVED', { latestSoc: 80 }, 'payload.recordsUploaded'],
  ])('%s with %j is told of %s', (type, wrong, path) => {
    const issues = issuesOf({ fleetId, type, payload: { ...example(type), ...wrong } });
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatch(new RegExp(`^${path}: expected `));
  });

  it('is a fleet update of another fleet', () => {
    expect(issuesOf({ fleetId, type: 'FLEET_UPDATED', payload: { fleetId: 'fleet-2' } })).toEqual([
      'payload.fleetId: expected the event\'s fleetId, got "fleet-2"',
    ]);
    expect(issuesOf({ fleetId, type: 'FLEET_UPDATED', payload: { changes: [] } })).toEqual([
      'payload.changes: expected an object of at most 32 levels, got a list',
    ]);
  });

  it('is a fleet update that is nested too deep to be written', () => {
    const nested = (levels: number) => JSON.parse(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    const issues = (levels: number) =>
      issuesOf({ fleetId, type: 'FLEET_UPDATED', payload: { changes: nested(levels) } });
    expect(issues(30)).toEqual([]);
    expect(issues(31)).toEqual([]);
    expect(issues(32)).toHaveLength(1);
    expect(issues(100_000)).toHaveLength(1);
  });
});

describe('an event that is accepted', () => {
  it('has exactly the documented fields: a player is named nowhere but in a check-out', () => {
    const extra = { firstName: 'John', playerId: 'player-1', secret: 1 };
    const payload = example('TELEMETRY_RECEIVED');
    expect(accepted('TELEMETRY_RECEIVED', { ...payload, ...extra }).payload).toEqual(payload);
    const status = example('REGULATOR_STATUS_CHANGED');
    expect(accepted('REGULATOR_STATUS_CHANGED', { ...status, ...extra }).payload).toEqual(status);
  });

  it('may leave the player out, or null', () => {
    const { playerId, ...rest } = example('REGULATOR_CHECKED_OUT');
    expect(playerId).toBeDefined();
    expect(accepted('REGULATOR_CHECKED_OUT', rest).payload).toEqual(rest);
    expect(accepted('REGULATOR_CHECKED_OUT', { ...rest, playerId: null }).payload).toEqual(rest);
  });

  it('keeps the status before of a check-out or check-in beside the payload', () => {
    for (const type of ['REGULATOR_CHECKED_OUT', 'REGULATOR_CHECKED_IN']) {
      const payload = example(type);
      expect(accepted(type, { ...payload, previousStatus: 'MAINTENANCE' })).toEqual({
        fleetId,
        type,
        payload,
        previousStatus: 'MAINTENANCE',
      });
    }
  });

  it('of a fleet has its defaults', () => {
    const bare = { fleetId, changes: {} };
    for (const payload of [undefined, null, {}, { fleetId }, { changes: null }]) {
      expect(accepted('FLEET_UPDATED', payload).payload).toEqual(bare);
    }
    const changes = JSON.parse('{"name":"New","hours":{"open":9},"__proto__":{"x":1}}');
    expect(JSON.stringify(accepted('FLEET_UPDATED', { changes }).payload)).toBe(JSON.stringify({ fleetId, changes }));
  });

  it('of several records of telemetry has the latest under both names', () => {
    const latest = { recordsUploaded: 3, latestTimestamp: '2026-01-16T12:10:00Z', latestSoc: 85, latestSoh: 95 };
    const complete = { regulatorId: 'r', timestamp: '2026-01-16T12:10:00Z', soc: 85, soh: 95, ...latest };
    expect(accepted('TELEMETRY_RECEIVED', { regulatorId: 'r', ...latest }).payload).toEqual(complete);
    expect(accepted('TELEMETRY_RECEIVED', complete).payload).toEqual(complete);
    expect(accepted('TELEMETRY_RECEIVED', { ...complete, soc: 1 }).payload).toEqual(complete);
    const { timestamp, soc, soh } = complete;
    expect(
      accepted('TELEMETRY_RECEIVED', { regulatorId: 'r', timestamp, soc, soh, recordsUploaded: 3 }).payload,
    ).toEqual(complete);
  });

  it('is what clients read, whatever was published', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('READY', 'r', '2026-01-16T12:10:00Z', 5, null));
    const fields = [...new Set(eventTypes.flatMap((type) => Object.keys(events[type].shape)))];
    const payload = fc.record(Object.fromEntries(fields.map((field) => [field, value])), { requiredKeys: [] });
    const event = fc.record({
      fleetId: fc.oneof(fc.constant(fleetId), fc.jsonValue()),
      type: fc.oneof(fc.constantFrom(...eventTypes), fc.jsonValue()),
      payload: fc.oneof(payload, fc.jsonValue()),
    });
    fc.assert(
      fc.property(fc.oneof(event, fc.jsonValue()), (input) => {
        const parsed = parsePublishEvent(input);
        if (parsed.ok) {
          expect(serverPayloads[parsed.value.type].safeParse(parsed.value.payload).success).toBe(true);
        } else {
          expect(parsed.issues.length).toBeGreaterThan(0);
        }
      }),
    );
  });
});
