import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientMessages, encodeClientMessage, parseClientMessage } from '../src/index.js';

const errorOf = (text: string): string | undefined => {
  const parsed = parseClientMessage(text);
  return parsed.ok ? undefined : parsed.error;
};
const subscribe = (payload: unknown): string | undefined => errorOf(JSON.stringify({ type: 'SUBSCRIBE', payload }));

describe('a message that is none', () => {
  it.each(['', ' ', 'ping', '{', '{"type":"PING"', 'null', '5', '"PING"', '[]', '["PING"]', '{}', '{"type":null}'])(
    'is answered with "Invalid message format": %s',
    (text) => {
      expect(errorOf(text)).toBe('Invalid message format');
    },
  );

  it('is one with an empty type, or a payload alone', () => {
    expect(errorOf('{"type":""}')).toBe('Invalid message format');
    expect(errorOf('{"payload":{"channel":"fleet","fleetId":"f"}}')).toBe('Invalid message format');
  });
});

describe('a type that is unknown', () => {
  it.each([
    ['{"type":"HELLO"}', 'HELLO'],
    ['{"type":"ping"}', 'ping'],
    ['{"type":"CONNECTED"}', 'CONNECTED'],
    ['{"type":"constructor"}', 'constructor'],
    ['{"type":"__proto__"}', '__proto__'],
    ['{"type":7}', '7'],
    ['{"type":["PING"]}', 'a list'],
    [`{"type":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 'a list'],
    ['{"type":{"type":"PING"}}', 'an object'],
  ])('is repeated: %s', (text, type) => {
    expect(errorOf(text)).toBe(`Unknown message type: ${type}`);
  });

  it('is repeated only so far', () => {
    expect(errorOf(JSON.stringify({ type: 'x'.repeat(60_000) }))).toBe(`Unknown message type: ${'x'.repeat(100)}…`);
  });
});

describe('a subscription', () => {
  it.each([
    [undefined, 'channel', 'nothing'],
    [null, 'channel', 'nothing'],
    ['fleet', 'channel', 'nothing'],
    [['fleet'], 'channel', 'nothing'],
    [{}, 'channel', 'nothing'],
    [{ fleetId: 'f' }, 'channel', 'nothing'],
    [{ channel: 'team', fleetId: 'f' }, 'channel', '"team"'],
    [{ channel: 7 }, 'channel', '7'],
    [{ channel: 'fleet' }, 'fleetId', 'nothing'],
    [{ channel: 'fleet', fleetId: null }, 'fleetId', 'null'],
    [{ channel: 'fleet', fleetId: '' }, 'fleetId', '""'],
    [{ channel: 'fleet', fleetId: 5 }, 'fleetId', '5'],
    [{ channel: 'fleet', fleetId: ['f'] }, 'fleetId', 'a list'],
    [{ channel: 'fleet', regulatorId: 'r' }, 'fleetId', 'nothing'],
    [{ channel: 'fleet', fleetId: 'a\nb' }, 'fleetId', '"a\\nb"'],
    [{ channel: 'fleet', fleetId: '\ud800' }, 'fleetId', '"\\ud800"'],
    [{ channel: 'regulator' }, 'regulatorId', 'nothing'],
    [{ channel: 'regulator', regulatorId: {} }, 'regulatorId', 'an object'],
    [{ channel: 'regulator', fleetId: 'f' }, 'regulatorId', 'nothing'],
  ])('%j is answered with an error that names %s', (payload, field, got) => {
    expect(subscribe(payload)).toContain(`Invalid payload.${field}: `);
    expect(subscribe(payload)).toMatch(new RegExp(`got ${got.replace(/[\\[\]"]/g, '\\$&')}$`));
    expect(errorOf(JSON.stringify({ type: 'UNSUBSCRIBE', payload }))).toBe(subscribe(payload));
  });

  it('takes ids of up to 128 characters', () => {
    const fleet = (length: number) => subscribe({ channel: 'fleet', fleetId: 'é'.repeat(length) });
    expect(fleet(1)).toBeUndefined();
    expect(fleet(127)).toBeUndefined();
    expect(fleet(128)).toBeUndefined();
    expect(fleet(129)).toContain('payload.fleetId');
    expect(fleet(60_000)?.length).toBeLessThan(200);
  });

  it('keeps the channel and its id, and nothing else', () => {
    const payload = { channel: 'fleet', fleetId: 'f', regulatorId: 'r', more: 1 };
    expect(parseClientMessage(JSON.stringify({ type: 'SUBSCRIBE', payload, id: 1 }))).toEqual({
      ok: true,
      message: { type: 'SUBSCRIBE', payload: { channel: 'fleet', fleetId: 'f' } },
    });
  });
});

describe('whatever a client sends', () => {
  const channel = fc.record(
    {
      channel: fc.oneof(fc.constantFrom('fleet', 'regulator'), fc.jsonValue()),
      fleetId: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      regulatorId: fc.oneof(fc.string(), fc.jsonValue()),
    },
    { requiredKeys: [] },
  );
  const message = fc.oneof(
    fc.jsonValue(),
    fc.record(
      {
        type: fc.oneof(fc.constantFrom(...Object.keys(clientMessages)), fc.jsonValue()),
        payload: fc.oneof(channel, fc.jsonValue()),
      },
      { requiredKeys: [] },
    ),
  );

  it('parsing never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          message.map((value) => JSON.stringify(value)),
        ),
        (text) => {
          const parsed = parseClientMessage(text);
          expect(parsed.ok || parsed.error.length > 0).toBe(true);
        },
      ),
    );
  });

  it('is accepted exactly where the published schema accepts it', () => {
    fc.assert(
      fc.property(message, (value) => {
        const { ok } = parseClientMessage(JSON.stringify(value));
        const plain: unknown = JSON.parse(JSON.stringify(value));
        expect(Object.values(clientMessages).some((schema) => schema.safeParse(plain).success)).toBe(ok);
      }),
    );
  });

  it('comes back from its encoding', () => {
    const payload = fc.oneof(
      fc.record({ channel: fc.constant('fleet' as const), fleetId: fc.uuid() }),
      fc.record({ channel: fc.constant('regulator' as const), regulatorId: fc.uuid() }),
    );
    fc.assert(
      fc.property(fc.constantFrom('SUBSCRIBE' as const, 'UNSUBSCRIBE' as const), payload, (type, channel) => {
        const sent = { type, payload: channel };
        expect(parseClientMessage(encodeClientMessage(sent))).toEqual({ ok: true, message: sent });
      }),
    );
    expect(parseClientMessage(encodeClientMessage({ type: 'PING' }))).toEqual({ ok: true, message: { type: 'PING' } });
  });
});
