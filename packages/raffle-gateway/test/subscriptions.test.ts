import { afterEach, describe, expect, it } from 'vitest';
import { event, events, settle, startGateway, stopAll, subscribe } from './support/server.js';

afterEach(stopAll);

describe('a connection', () => {
  it('starts with no subscriptions', async () => {
    const server = await startGateway();
    const client = await server.client();
    server.publish(event('system_alert'));
    expect(await events(client)).toEqual([]);
  });

  it('may subscribe before it authenticates, and without ever doing so', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'box_purchased' }]);
    server.publish(event('box_purchased'));
    expect(await events(client)).toEqual(['box_purchased']);
  });

  it('keeps its subscriptions when it authenticates', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'box_purchased' }], { sub: 'u-1' });
    server.publish(event('box_purchased'));
    expect(await events(client)).toEqual(['box_purchased']);
  });
});

describe('subscribing again', () => {
  it('replaces the whole list', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'box_purchased' }, { event_type: 'raffle_full' }]);
    await subscribe(client, [{ event_type: 'raffle_full' }, { event_type: 'item_created' }]);
    server.publish(event('box_purchased'));
    server.publish(event('raffle_full'));
    server.publish(event('item_created'));
    expect(await events(client)).toEqual(['raffle_full', 'item_created']);
  });

  it('with an empty list clears it', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all', room: 'a-room' }]);
    await subscribe(client, []);
    server.publish(event('item_created', { room: 'a-room' }));
    expect(await events(client)).toEqual([]);
    expect(server.gateway.stats().active_rooms).toEqual({});
  });
});

describe('filters', () => {
  const cases: [string, object, object[]][] = [
    [
      'null or absent lets everything through',
      { event_type: 'box_purchased', raffle_id: null, item_id: null, user_id: null },
      [event('box_purchased'), event('box_purchased', { raffle_id: 'r-2' })],
    ],
    ['raffle_id', { event_type: 'all', raffle_id: 'r-1' }, [event('raffle_full'), event('box_purchased')]],
    ['item_id', { event_type: 'all', item_id: 'i-1' }, [event('item_created'), event('raffle_created')]],
    ['user_id of a buyer', { event_type: 'all', user_id: 'buyer' }, [event('box_purchased')]],
    ['user_id of a seller', { event_type: 'all', user_id: 'seller' }, [event('raffle_created'), event('item_updated')]],
    ['user_id of one of the winners', { event_type: 'all', user_id: 'winner' }, [event('winner_selected')]],
    ['two together', { event_type: 'all', raffle_id: 'r-1', user_id: 'buyer' }, [event('box_purchased')]],
    [
      'all four',
      { event_type: 'winner_selected', raffle_id: 'r-1', item_id: 'i-1', user_id: 'winner', room: 'vip' },
      [event('winner_selected', { room: 'vip' })],
    ],
  ];
  const others = [
    event('box_purchased', { raffle_id: 'r-9', user_id: 'u-9' }),
    event('raffle_created', { raffle_id: 'r-9', item_id: 'i-9', seller_id: 'u-9' }),
    event('item_created', { item_id: 'i-9', seller_id: 'u-9' }),
    event('winner_selected', { raffle_id: 'r-9', item_id: 'i-9', winner_user_ids: [] }),
    event('system_alert'),
  ];

  it.each(cases)('%s', async (name, filters, wanted) => {
    const server = await startGateway();
    const client = await server.subscribed([filters]);
    for (const one of wanted) server.publish(one);
    expect(await settle(client)).toHaveLength(wanted.length);
    for (const one of others) server.publish(one);
    expect(await settle(client)).toHaveLength(name.startsWith('null') ? 1 : 0);
  });

  it('an event that lacks a filtered field does not match', async () => {
    const server = await startGateway();
    const client = await server.subscribed([
      { event_type: 'item_stock_changed', raffle_id: 'r-1' },
      { event_type: 'system_alert', user_id: 'u-1' },
      { event_type: 'raffle_full', user_id: 'seller' },
    ]);
    server.publish(event('item_stock_changed'));
    server.publish(event('system_alert'));
    server.publish(event('raffle_full'));
    expect(await events(client)).toEqual([]);
  });

  it('of two subscriptions do not mix', async () => {
    const server = await startGateway();
    const client = await server.subscribed([
      { event_type: 'box_purchased', raffle_id: 'r-1' },
      { event_type: 'raffle_full', raffle_id: 'r-2' },
    ]);
    server.publish(event('box_purchased', { raffle_id: 'r-2' }));
    server.publish(event('raffle_full', { raffle_id: 'r-1' }));
    expect(await events(client)).toEqual([]);
  });
});

describe('an invalid entry', () => {
  it.each<[string, unknown, string]>([
    ['is no object', 'box_purchased', '1'],
    ['has no event_type', { raffle_id: 'r-1' }, '1.event_type'],
    ['has an unknown event_type', { event_type: 'box_sold' }, '1.event_type'],
    ['has a filter that is no text', { event_type: 'all', raffle_id: 5 }, '1.raffle_id'],
    ['has an empty filter', { event_type: 'all', room: '' }, '1.room'],
    ['has a filter that is too long', { event_type: 'all', user_id: 'x'.repeat(257) }, '1.user_id'],
  ])('that %s is logged and skipped, and the valid ones count', async (_, entry, path) => {
    const server = await startGateway();
    const client = await server.subscribed([
      { event_type: 'raffle_full' },
      entry as object,
      { event_type: 'item_created' },
    ]);
    server.publish(event('raffle_full'));
    server.publish(event('box_purchased'));
    server.publish(event('item_created'));
    expect(await events(client)).toEqual(['raffle_full', 'item_created']);
    expect(server.logger.lines.filter(({ level }) => level === 'warn')).toEqual([
      {
        level: 'warn',
        message: 'subscriptions were skipped: invalid or too many',
        fields: expect.objectContaining({ skipped: 1, issues: [{ path, message: expect.any(String) }] }),
      },
    ]);
  });

  it('alone leaves nothing: the list is replaced all the same', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all' }]);
    await subscribe(client, [{ event_type: 'nothing' }]);
    server.publish(event('system_alert'));
    expect(await events(client)).toEqual([]);
  });
});
