import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeServerMessage, parseServerMessage, serverMessageTypes } from '../src/index.js';
import { example } from './support/data.js';

const timestamp = '2026-01-16T12:10:05.000Z';

function read(type: string, payload?: unknown) {
  return parseServerMessage(JSON.stringify({ type, payload, timestamp }));
}

function payloadOf(type: string, payload?: unknown): unknown {
  const parsed = read(type, payload);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value.payload;
}

describe('telemetry of an upload of several records', () => {
  const latest = { latestTimestamp: '2026-01-16T12:10:00.000Z', latestSoc: 85, latestSoh: 95 };
  const complete = {
    regulatorId: 'r',
    recordsUploaded: 12,
    ...latest,
    timestamp: latest.latestTimestamp,
    soc: 85,
    soh: 95,
  };

  it('of another server gains the fields that the document reads', () => {
    expect(payloadOf('TELEMETRY_RECEIVED', { regulatorId: 'r', recordsUploaded: 12, ...latest })).toEqual(complete);
  });

  it('of ours is read as it was sent', () => {
    expect(payloadOf('TELEMETRY_RECEIVED', complete)).toEqual(complete);
  });

  it('is refused where a figure is in neither place', () => {
    const { latestSoc, ...rest } = latest;
    expect(latestSoc).toBe(85);
    const issues = [{ path: 'payload.soc', message: 'expected a number, got nothing' }];
    expect(read('TELEMETRY_RECEIVED', { regulatorId: 'r', recordsUploaded: 1, ...rest })).toEqual({
      ok: false,
      issues,
    });
  });
});

describe('a message of another server', () => {
  it('keeps fields that the protocol does not know', () => {
    const payload = { ...example('REGULATOR_CHECKED_OUT'), teamId: 'blue' };
    expect(payloadOf('REGULATOR_CHECKED_OUT', payload)).toEqual(payload);
  });

  it('loses its nulls', () => {
    const { playerId, ...rest } = example('REGULATOR_CHECKED_OUT');
    expect(playerId).toBeDefined();
    expect(payloadOf('REGULATOR_CHECKED_OUT', { ...rest, playerId: null })).toEqual(rest);
  });

  it('may name a status that this version does not know', () => {
    const payload = { ...example('REGULATOR_STATUS_CHANGED'), newStatus: 'LOST' };
    expect(payloadOf('REGULATOR_STATUS_CHANGED', payload)).toEqual(payload);
  });

  it('may tell a fleet update without saying what changed', () => {
    for (const payload of [undefined, null, {}]) expect(payloadOf('FLEET_UPDATED', payload)).toEqual({ changes: {} });
    expect(payloadOf('FLEET_UPDATED', { fleetId: 'f', changes: { name: 'x' } })).toEqual({
      fleetId: 'f',
      changes: { name: 'x' },
    });
  });

  it.each(['', 'x', 'null', '5', '[]', '{}', '{"type":"PONG"}', '{"type":"NEWS","timestamp":"x"}'])(
    'that is none is told, not thrown: %s',
    (text) => {
      expect(parseServerMessage(text)).toMatchObject({ ok: false, issues: [{ message: expect.any(String) }] });
    },
  );

  it('never makes parsing throw', () => {
    const message = fc.record({
      type: fc.oneof(fc.constantFrom(...serverMessageTypes), fc.string()),
      payload: fc.jsonValue(),
      timestamp: fc.oneof(fc.string(), fc.jsonValue()),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          message.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const parsed = parseServerMessage(text);
          expect(parsed.ok || parsed.issues.length > 0).toBe(true);
        },
      ),
    );
  });
});

it.each(['PONG', 'EVENTS_MISSED'] as const)('%s has no payload', (type) => {
  expect(encodeServerMessage(type, undefined, 0)).toBe(`{"type":"${type}","timestamp":"1970-01-01T00:00:00.000Z"}`);
  expect(payloadOf(type, { ignored: true })).toBeUndefined();
});
