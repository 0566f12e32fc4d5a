import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  parseKillCountUpdate,
  parseKillmail,
  parseKillmailUpdate,
  parseReply,
  type Replies,
  reasonOf,
  replies,
  toKillmail,
} from '../src/index.js';
import { fixture, realKillmails } from './support/data.js';

function read(payload: unknown) {
  const parsed = parseKillmailUpdate(payload);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

describe('a killmail_update', () => {
  it('of ours is read as it was sent', () => {
    const killmails = realKillmails.map((real) => {
      const parsed = parseKillmail(real);
      if (!parsed.ok) throw new Error('a real killmail was refused');
      return toKillmail(parsed.value);
    });
    const payload = JSON.parse(
      JSON.stringify({ system_id: 30000142, killmails, timestamp: '2024-01-15T12:30:45.123Z', preload: true }),
    );
    const { update, leftOut } = read(payload);
    expect(leftOut).toEqual([]);
    expect(update).toEqual(payload);
  });

  it('of another server gains the names of the document and loses its nulls', () => {
    const { update } = read(fixture('original-killmail-update'));
    const [kill] = update.killmails;
    expect(JSON.stringify(kill)).not.toContain('null');
    expect(kill).toMatchObject({
      killmail_time: '2025-06-20T08:15:30Z',
      solar_system_id: 30000142,
      victim: { ship_type_name: 'Capsule', ship_name: 'Capsule' },
      zkb: { totalValue: 10_000, total_value: 10_000 },
    });
  });

  it('keeps fields that the protocol does not know', () => {
    const payload = fixture('killmail-update') as { killmails: Record<string, unknown>[] };
    const [kill] = payload.killmails;
    const extended = {
      ...payload,
      region_id: 10000002,
      killmails: [{ ...kill, moon_name: 'x', victim: { ...(kill?.victim as object), faction_name: 'y' } }],
    };
    expect(read(extended).update).toMatchObject(extended);
  });

  it('leaves a broken kill out, tells which, and keeps the others', () => {
    const payload = fixture('killmail-update') as { killmails: object[] };
    const [kill] = payload.killmails;
    const { update, leftOut } = read({ ...payload, killmails: [5, kill, { ...kill, killmail_time: null }] });
    expect(update.killmails).toHaveLength(1);
    expect(leftOut).toEqual([
      { path: 'killmails.0', message: 'expected an object, got 5' },
      { path: 'killmails.2.killmail_time', message: 'expected killmail_time or kill_time, got neither' },
    ]);
  });

  it.each([null, 5, [], {}, { system_id: 1, killmails: {}, timestamp: 'x' }])('is not %j', (payload) => {
    expect(parseKillmailUpdate(payload)).toMatchObject({ ok: false });
  });

  it('is never the reason of an exception', () => {
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.record({ system_id: fc.integer(), timestamp: fc.string(), killmails: fc.array(fc.jsonValue()) }),
    );
    fc.assert(fc.property(payload, (value) => void parseKillmailUpdate(value)));
    fc.assert(fc.property(fc.jsonValue(), (value) => void parseKillCountUpdate(value)));
  });
});

describe('a reply', () => {
  const systems = { subscribed_systems: [30000142] };
  const complete: Replies = {
    phx_join: { subscription_id: 'a', ...systems, status: 'connected' },
    subscribe_systems: systems,
    unsubscribe_systems: { ...systems, message: 'Not subscribed to any of the requested systems' },
    subscribe_characters: { subscribed_characters: [95465499] },
    unsubscribe_characters: { subscribed_characters: [] },
    get_status: { subscription_id: 'a', ...systems, connected_at: '2024-01-15T12:30:45Z', user_id: 'token-1' },
  };

  it.each(Object.keys(complete) as (keyof Replies)[])('to %s is read', (event) => {
    expect(parseReply(event, complete[event])).toEqual({ ok: true, value: complete[event] });
    expect(Object.keys(replies)).toContain(event);
  });

  it('may lack the list where nothing changed: older servers leave it out', () => {
    const response = { message: 'Already subscribed to all requested systems' };
    expect(parseReply('subscribe_systems', response)).toEqual({ ok: true, value: response });
  });

  it('of the wrong shape is told, not thrown', () => {
    expect(parseReply('phx_join', {})).toMatchObject({ ok: false });
    expect(parseReply('get_status', null)).toMatchObject({ ok: false });
  });

  it('of an error says why', () => {
    expect(reasonOf({ reason: 'Invalid system IDs' })).toBe('Invalid system IDs');
    expect(reasonOf('x')).toBe('x');
    for (const odd of [null, {}, { reason: 5 }, []]) expect(reasonOf(odd)).toBe('no reason given');
  });
});
