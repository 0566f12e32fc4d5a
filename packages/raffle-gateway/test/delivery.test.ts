import { type EventType, eventTypes } from '@roomcast/raffle-protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { event, events, settle, startGateway, stopAll, subscribe } from './support/server.js';

afterEach(async () => {
  vi.restoreAllMocks();
  await stopAll();
});

describe('an event', () => {
  it.each(eventTypes)('%s comes as its type, its data and the time', async (type) => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: type }], { sub: 'boss', role: 'Admin' });
    const published = server.publish(event(type, { room: 'somewhere' }));
    const [received, ...more] = await settle(client);
    expect(received).toEqual({
      message_type: type,
      data: published.data,
      timestamp: new Date(server.clock.now()).toISOString(),
    });
    expect(Object.keys(received ?? {})).toEqual(['message_type', 'data', 'timestamp']);
    expect(more).toEqual([]);
  });

  it('has the time that its publisher gave it', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all' }]);
    server.publish({ ...event('raffle_full'), timestamp: '2024-01-15T12:00:00Z' });
    expect(await settle(client)).toMatchObject([{ timestamp: '2024-01-15T12:00:00Z' }]);
  });

  it('keeps fields that the protocol does not know', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all' }]);
    server.publish(event('raffle_full', { lucky_colour: 'green' }));
    expect(await settle(client)).toMatchObject([{ data: { lucky_colour: 'green' } }]);
  });

  it('is delivered once however many subscriptions match', async () => {
    const server = await startGateway();
    const client = await server.subscribed([
      { event_type: 'all' },
      { event_type: 'all' },
      { event_type: 'box_purchased' },
      { event_type: 'box_purchased', raffle_id: 'r-1' },
      { event_type: 'all', user_id: 'buyer', room: 'raffle_r-1' },
    ]);
    server.publish(event('box_purchased', { room: 'raffle_r-1' }));
    expect(await events(client)).toEqual(['box_purchased']);
  });

  it('goes to all who want it, encoded once', async () => {
    const server = await startGateway();
    const clients = await Promise.all(Array.from({ length: 20 }, () => server.subscribed([{ event_type: 'all' }])));
    const stringify = vi.spyOn(JSON, 'stringify');
    server.publish(event('raffle_full'));
    const encoded = stringify.mock.calls.length;
    stringify.mockRestore();
    for (const client of clients) expect(await events(client)).toEqual(['raffle_full']);
    expect(encoded).toBe(1);
  });

  it('that nobody wants is not encoded', async () => {
    const server = await startGateway();
    await server.subscribed([{ event_type: 'item_created' }]);
    const stringify = vi.spyOn(JSON, 'stringify');
    server.publish(event('raffle_full'));
    expect(stringify).not.toHaveBeenCalled();
  });

  it('comes in the order of publishing', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'box_purchased' }]);
    for (let box = 1; box <= 50; box++) server.publish(event('box_purchased', { box_number: box }));
    const numbers = (await settle(client)).map(({ data }) => data.box_number);
    expect(numbers).toEqual(Array.from({ length: 50 }, (_, box) => box + 1));
  });

  it('is not queued for who is not connected', async () => {
    const server = await startGateway();
    const wishes = [{ event_type: 'all' }];
    const before = await server.subscribed(wishes, { sub: 'u-1' });
    await before.close();
    server.publish(event('raffle_full'));
    const after = await server.client();
    await subscribe(after, wishes);
    expect(await events(after)).toEqual([]);
  });
});

describe('rooms', () => {
  const ofRaffle: EventType[] = [
    'raffle_created',
    'box_purchased',
    'raffle_full',
    'winner_selected',
    'raffle_cancelled',
  ];

  it.each(ofRaffle)('%s is always in the room of its raffle', async (type) => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all', room: 'raffle_r-1' }]);
    server.publish(event(type));
    server.publish(event(type, { room: 'front-page' }));
    server.publish(event(type, { raffle_id: 'r-2' }));
    expect(await events(client)).toEqual([type, type]);
  });

  it('are those that publishers name, whatever the event', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all', room: 'front-page' }]);
    server.publish(event('raffle_full', { room: 'front-page' }));
    server.publish(event('item_created', { room: 'front-page' }));
    server.publish(event('system_alert', { room: 'front-page' }));
    server.publish(event('raffle_full'));
    server.publish(event('item_created', { room: 'back-page' }));
    expect(await events(client)).toEqual(['raffle_full', 'item_created', 'system_alert']);
  });

  it('taken from a user by the application end the subscriptions to them', async () => {
    const server = await startGateway();
    const wishes = [
      { event_type: 'all', room: 'vip' },
      { event_type: 'item_created', room: 'vip' },
      { event_type: 'raffle_full' },
    ];
    const client = await server.subscribed(wishes, { sub: 'u-1' });
    const other = await server.subscribed(wishes, { sub: 'u-2' });
    await settle(client);
    server.gateway.mount.leaveAll('u-1', ['vip']);
    server.publish(event('item_created', { room: 'vip' }));
    server.publish(event('raffle_full'));
    expect(await events(client)).toEqual(['raffle_full']);
    expect(await events(other)).toEqual(['item_created', 'raffle_full']);
    expect(server.gateway.stats().active_rooms).toEqual({ vip: 1 });
  });
});

describe('system events', () => {
  it.each(['system_maintenance', 'system_alert'] as const)(
    '%s reaches those who subscribed to it or to all, and no filter of theirs stands in between',
    async (type) => {
      const server = await startGateway();
      const other = type === 'system_alert' ? 'system_maintenance' : 'system_alert';
      const clients = {
        byType: await server.subscribed([{ event_type: type }]),
        byAll: await server.subscribed([{ event_type: 'all' }]),
        authenticated: await server.subscribed([{ event_type: 'all' }], { sub: 'u-1' }),
        byOtherType: await server.subscribed([{ event_type: other }]),
        byFilteredAll: await server.subscribed([{ event_type: 'all', raffle_id: 'r-1' }]),
        nothing: await server.client(),
      };
      server.publish(event(type));
      const reached: string[] = [];
      for (const [name, client] of Object.entries(clients)) {
        if ((await events(client)).includes(type)) reached.push(name);
      }
      expect(reached).toEqual(['byType', 'byAll', 'authenticated']);
    },
  );
});

describe('what is published', () => {
  it('is checked: nothing invalid is delivered', async () => {
    const server = await startGateway();
    expect(server.gateway.parse({ message_type: 'raffle_full', data: {} })).toMatchObject({ ok: false });
    expect(server.gateway.parse(null)).toMatchObject({ ok: false });
  });

  it('is written to the log where that is switched on', async () => {
    const quiet = await startGateway();
    quiet.publish(event('raffle_full'));
    expect(quiet.logger.text).not.toContain('raffle_full');
    const server = await startGateway({ logEvents: true });
    await server.subscribed([{ event_type: 'all' }]);
    server.publish(event('raffle_full', { room: 'front-page' }));
    expect(server.logger.lines).toContainEqual({
      level: 'debug',
      message: 'an event was delivered',
      fields: { event: 'raffle_full', room: 'front-page', delivered: 1 },
    });
  });
});
