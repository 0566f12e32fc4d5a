import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientMessages, eventTypes, parseClientMessage, type SubscriptionList, subscription } from '../src/index.js';

function read(subscriptions: unknown, max?: number): SubscriptionList {
  const parsed = parseClientMessage(JSON.stringify({ message_type: 'subscribe', data: { subscriptions } }), max);
  if (!parsed.ok || parsed.message.type !== 'subscribe') throw new Error('expected a subscribe message');
  const { type: _, ...list } = parsed.message;
  return list;
}

const nothing = { raffle_id: null, item_id: null, user_id: null, room: null };

describe('a subscription', () => {
  it.each(['all', ...eventTypes])('may be to %s', (event_type) => {
    expect(read([{ event_type }])).toEqual({ subscriptions: [{ event_type, ...nothing }], skipped: 0, issues: [] });
  });

  it('may give filters or leave them out, in any mixture', () => {
    expect(read([{ event_type: 'all', raffle_id: 'r', user_id: null }]).subscriptions).toEqual([
      { event_type: 'all', ...nothing, raffle_id: 'r' },
    ]);
  });

  it('has ids that are any text of 1 to 256 characters', () => {
    const ids = ['x', 'current-raffle-id', '😀', 'ein Los', '__proto__', 'x'.repeat(256)];
    for (const raffle_id of ids) expect(read([{ event_type: 'all', raffle_id }]).skipped).toBe(0);
  });

  it('may have fields that are not known: they mean nothing', () => {
    expect(read([{ event_type: 'all', seller_id: 's' }]).subscriptions).toEqual([{ event_type: 'all', ...nothing }]);
  });

  it.each<[unknown, string, string]>([
    ['all', '0', 'expected an object, got "all"'],
    [null, '0', 'expected an object, got null'],
    [['all'], '0', 'expected an object, got a list of 1'],
    [{}, '0.event_type', `expected one of all, ${eventTypes.join(', ')}, got nothing`],
    [{ event_type: 'ALL' }, '0.event_type', `expected one of all, ${eventTypes.join(', ')}, got "ALL"`],
    [{ event_type: 'all', raffle_id: 7 }, '0.raffle_id', 'expected a string, got 7'],
    [{ event_type: 'all', room: '' }, '0.room', 'expected at least 1 characters, got ""'],
    [
      { event_type: 'all', user_id: 'x'.repeat(257) },
      '0.user_id',
      `expected at most 256 characters, got "${'x'.repeat(40)}…"`,
    ],
    [{ event_type: 'all', item_id: ['i'] }, '0.item_id', 'expected a string, got a list of 1'],
  ])('is not %j', (entry, path, message) => {
    expect(read([entry])).toEqual({ subscriptions: [], skipped: 1, issues: [{ path, message }] });
  });
});

describe('a list of subscriptions', () => {
  const good = { event_type: 'all' };

  it('may be empty', () => {
    expect(read([])).toEqual({ subscriptions: [], skipped: 0, issues: [] });
  });

  it('loses its invalid entries and no others', () => {
    const { subscriptions, skipped, issues } = read([good, 5, good, {}, good]);
    expect(subscriptions).toHaveLength(3);
    expect(skipped).toBe(2);
    expect(issues.map(({ path }) => path)).toEqual(['1', '3.event_type']);
  });

  it.each([
    [99, 99, 0],
    [100, 100, 0],
    [101, 100, 1],
  ])('of %d has %d that count', (given, counting, skipped) => {
    const list = read(Array(given).fill(good));
    expect(list.subscriptions).toHaveLength(counting);
    expect(list.skipped).toBe(skipped);
  });

  it('is limited by valid entries', () => {
    expect(read([5, good, good, good], 2)).toMatchObject({ subscriptions: [{}, {}], skipped: 2 });
  });

  it('of nonsense is not read to its end', () => {
    const list = read([...Array(30_000).fill(0), good]);
    expect(list).toMatchObject({ subscriptions: [], skipped: 30_001 });
    expect(list.issues).toHaveLength(5);
  });

  it.each([undefined, null, {}, 'all', 5])('is not %j', (subscriptions) => {
    const text = JSON.stringify({ message_type: 'subscribe', data: { subscriptions } });
    expect(parseClientMessage(text)).toEqual({ ok: false, reason: 'subscribe without a list of subscriptions' });
  });
});

describe('any other input', () => {
  it.each([
    ['', 'not JSON'],
    ['{', 'not JSON'],
    ['ping', 'not JSON'],
    ['"ping"', 'no message_type'],
    ['null', 'no message_type'],
    ['{"type":"ping"}', 'no message_type'],
    ['{"message_type":["ping"]}', 'no message_type'],
  ])('%s is ignored: %s', (text, reason) => {
    expect(parseClientMessage(text)).toEqual({ ok: false, reason });
  });

  it.each(['toString', '__proto__', 'constructor', 'Ping', 'unsubscribe', 'pong', ''])(
    'the message_type "%s" is unknown',
    (message_type) => {
      const parsed = parseClientMessage(`{"message_type":${JSON.stringify(message_type)}}`);
      expect(parsed).toEqual({ ok: false, reason: 'unknown message_type', type: JSON.stringify(message_type) });
    },
  );

  it('has a token that is null where there is none', () => {
    for (const data of ['{}', 'null', '5', '[]', '{"token":5}', '{"token":null}', '{"Token":"x"}']) {
      expect(parseClientMessage(`{"message_type":"auth","data":${data}}`)).toEqual({
        ok: true,
        message: { type: 'auth', token: null },
      });
    }
  });

  it('never throws', () => {
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record(
        { event_type: fc.constantFrom('all', ...eventTypes), raffle_id: fc.jsonValue(), room: fc.jsonValue() },
        { requiredKeys: [] },
      ),
    );
    const message = fc.record(
      {
        message_type: fc.oneof(fc.constantFrom('auth', 'subscribe', 'ping'), fc.jsonValue()),
        data: fc.oneof(fc.jsonValue(), fc.record({ subscriptions: fc.array(entry), token: fc.jsonValue() })),
      },
      { requiredKeys: [] },
    );
    const text = fc.oneof(
      message.map((value) => JSON.stringify(value)),
      fc.json(),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(fc.property(text, (sent) => void parseClientMessage(sent)));
  });

  it('counts as subscriptions what the published schema accepts, and nothing else', () => {
    const value = fc.oneof(fc.string({ maxLength: 300 }), fc.constant(null), fc.integer(), fc.constant(undefined));
    const entry = fc.record(
      {
        event_type: fc.oneof(fc.constantFrom('all', ...eventTypes), fc.string()),
        raffle_id: value,
        item_id: value,
        user_id: value,
        room: value,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 10 }), (entries) => {
        const json = JSON.parse(JSON.stringify(entries)) as unknown[];
        const valid = json.filter((one) => subscription.safeParse(one).success);
        expect(read(json).subscriptions).toHaveLength(valid.length);
        expect(clientMessages.subscribe.safeParse({ subscriptions: json }).success).toBe(valid.length === json.length);
      }),
    );
  });
});
