import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clientMessages,
  maxPreloadHours,
  maxPreloadPerSystem,
  maxSystemId,
  parseClientMessage,
  parseSystems,
  reasons,
} from '../src/index.js';

const refusal = (event: string, payload: unknown): string | undefined => {
  const parsed = parseClientMessage(event, payload);
  return parsed.ok ? undefined : parsed.reason;
};

describe('a systems list', () => {
  it.each([undefined, null, 5, 'x', {}, ['30000142'], [1.5], [30000142, null], [Number.NaN], [[30000142]]])(
    'says that %j is not a list of integers',
    (systems) => {
      expect(refusal('subscribe_systems', { systems })).toBe('System IDs must be integers');
      expect(refusal('unsubscribe_systems', { systems })).toBe('System IDs must be integers');
    },
  );

  it.each([0, -1, maxSystemId + 1])('says that %d is out of range', (system) => {
    expect(refusal('subscribe_systems', { systems: [30000142, system] })).toBe('Invalid system IDs');
  });

  it('accepts the first and the last id', () => {
    expect(parseSystems([1, 32_000_000])).toEqual({ ok: true, ids: [1, 32_000_000] });
  });

  it('names the type before the range', () => {
    expect(refusal('subscribe_systems', { systems: [0, 'x'] })).toBe('System IDs must be integers');
  });

  it('keeps each id once, in the order given', () => {
    expect(parseSystems([3, 1, 3, 2, 1])).toEqual({ ok: true, ids: [3, 1, 2] });
  });

  it('accepts exactly the lists of integers in range', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -2, max: maxSystemId + 2 })), (list) => {
        const inRange = list.every((id) => id >= 1 && id <= maxSystemId);
        expect(parseSystems(list)).toEqual(
          inRange ? { ok: true, ids: [...new Set(list)] } : { ok: false, reason: reasons.invalidSystems },
        );
      }),
    );
  });
});

describe('a characters list', () => {
  it('is read under the name of either generation of servers', () => {
    for (const payload of [{ character_ids: [95465499] }, { characters: [95465499] }]) {
      expect(parseClientMessage('subscribe_characters', payload)).toEqual({
        ok: true,
        message: { event: 'subscribe_characters', characters: [95465499] },
      });
    }
  });

  it('is refused in the words of the systems list', () => {
    expect(refusal('subscribe_characters', {})).toBe('Character IDs must be integers');
    expect(refusal('unsubscribe_characters', { character_ids: ['x'] })).toBe('Character IDs must be integers');
    expect(refusal('unsubscribe_characters', { character_ids: [0] })).toBe('Invalid character IDs');
  });
});

describe('joining', () => {
  it('needs nothing', () => {
    expect(parseClientMessage('phx_join', {})).toEqual({
      ok: true,
      message: { event: 'phx_join', systems: [], characters: [], asksForCharacters: false, preload: undefined },
    });
  });

  it('takes null for what is not wanted', () => {
    const payload = { systems: null, character_ids: null, preload: null };
    expect(parseClientMessage('phx_join', payload)).toMatchObject({ ok: true, message: { asksForCharacters: false } });
  });

  it('notices that characters were named, even none', () => {
    const parsed = parseClientMessage('phx_join', { character_ids: [] });
    expect(parsed).toMatchObject({ ok: true, message: { asksForCharacters: true, characters: [] } });
  });

  it('reads preload, cut to the limits', () => {
    const preloadOf = (preload: unknown) => {
      const parsed = parseClientMessage('phx_join', { preload });
      return parsed.ok && parsed.message.event === 'phx_join' ? parsed.message.preload : parsed;
    };
    expect(preloadOf({ enabled: true, limit_per_system: 10, since_hours: 0.5 })).toEqual({
      limitPerSystem: 10,
      sinceHours: 0.5,
    });
    expect(preloadOf({ limit_per_system: 1e6, since_hours: 1e6 })).toEqual({
      limitPerSystem: maxPreloadPerSystem,
      sinceHours: maxPreloadHours,
    });
    expect(preloadOf({ enabled: true })).toEqual({ limitPerSystem: 5, sinceHours: 24 });
    expect(preloadOf({ enabled: false, limit_per_system: 10 })).toBeUndefined();
    expect(preloadOf({ enabled: true, delivery_batch_size: 10 })).toEqual({ limitPerSystem: 5, sinceHours: 24 });
  });

  it.each([5, 'yes', [], { enabled: 1 }, { limit_per_system: 0 }, { since_hours: -1 }])(
    'refuses preload %j',
    (preload) => {
      expect(refusal('phx_join', { preload })).toBe('Invalid preload options');
    },
  );

  it.each([{ systems: 5 }, { systems: ['x'] }])('refuses %j in the words of subscribing', (payload) => {
    expect(refusal('phx_join', payload)).toBe('System IDs must be integers');
  });
});

describe('any other input', () => {
  it.each([null, 5, 'x', [], undefined])('answers the payload %j with an error', (payload) => {
    for (const event of Object.keys(clientMessages)) expect(refusal(event, payload)).toBe('Payload must be an object');
  });

  it.each(['subscribe', 'phx_close', 'killmail_update', '', 'toString', '__proto__', null, 7])(
    'does not know the event %j',
    (event) => {
      expect(parseClientMessage(event, {})).toEqual({ ok: false, reason: 'Unknown event' });
    },
  );

  it('never throws', () => {
    const event = fc.oneof(fc.constantFrom(...Object.keys(clientMessages)), fc.string());
    const payload = fc.oneof(
      fc.jsonValue(),
      fc.record({ systems: fc.jsonValue(), character_ids: fc.jsonValue(), preload: fc.jsonValue() }),
    );
    fc.assert(
      fc.property(event, payload, (name, sent) => {
        const parsed = parseClientMessage(name, sent);
        expect(parsed.ok || parsed.reason.length > 0).toBe(true);
      }),
    );
  });

  it('accepts only what the published schema accepts, but for the older name of characters', () => {
    const ids = fc.array(fc.oneof(fc.integer({ min: -1, max: 40_000_000 }), fc.double(), fc.string()));
    fc.assert(
      fc.property(fc.record({ systems: ids, character_ids: ids }, { requiredKeys: [] }), (payload) => {
        for (const [event, schema] of Object.entries(clientMessages)) {
          if (parseClientMessage(event, payload).ok) expect(schema.safeParse(payload).success).toBe(true);
        }
      }),
    );
  });
});
