import { eventually, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ClientClosedError, ClientOptionsError, TooManySubscriptionsError } from '../src/index.js';
import { box, connect, startServer, whole } from './support/client.js';

const ofRaffle = (raffle_id: string) => ({ event_type: 'box_purchased', raffle_id }) as const;

describe('what is wanted', () => {
  it('is told in one message, each filter once, when the connection is open', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    client.setSubscriptions([ofRaffle('r-1'), { event_type: 'user_joined' }]);
    client.subscribe(ofRaffle('r-1'), () => {});
    client.subscribe([ofRaffle('r-2'), { ...ofRaffle('r-1'), item_id: null }], () => {});
    const { lists } = await server.connection(1, 'subscribe');
    const wanted = [
      whole(ofRaffle('r-1')),
      whole({ event_type: 'user_joined' }),
      whole({ event_type: 'box_purchased', raffle_id: 'r-2' }),
    ];
    expect(lists).toEqual([wanted]);
    expect(client.subscriptions).toEqual(wanted);
  });

  it('is nothing at first, and then nothing is told', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    client.setSubscriptions([]);
    await eventually(() => client.state === 'open');
    await turns(3);
    expect(server.session.types).toEqual([]);
  });

  it('is told again once for all changes of a tick, and not where they cancel out', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    client.setSubscriptions([{ event_type: 'system_alert' }]);
    const session = await server.connection(1, 'subscribe');
    const off = client.subscribe(ofRaffle('r-1'), () => {});
    client.subscribe(ofRaffle('r-2'), () => {});
    await eventually(() => session.lists.length === 2);
    expect(session.lists[1]).toEqual([
      whole({ event_type: 'system_alert' }),
      whole(ofRaffle('r-1')),
      whole(ofRaffle('r-2')),
    ]);
    client.subscribe(ofRaffle('r-3'), () => {})();
    const again = client.subscribe(ofRaffle('r-1'), () => {});
    off();
    off();
    await turns(3);
    client.setSubscriptions([]);
    await eventually(() => session.lists.length === 3);
    expect(session.lists[2]).toEqual([whole(ofRaffle('r-2')), whole(ofRaffle('r-1'))]);
    again();
    await eventually(() => session.lists.length === 4);
    expect(session.lists[3]).toEqual([whole(ofRaffle('r-2'))]);
  });

  it('can become nothing again', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const off = client.subscribe(ofRaffle('r-1'), () => {});
    const session = await server.connection(1, 'subscribe');
    off();
    await eventually(() => session.lists.length === 2);
    expect(session.lists[1]).toEqual([]);
  });

  it('beyond the limit is an error that names it, and the first ones are told', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    client.setSubscriptions(Array.from({ length: 101 }, (_, n) => ofRaffle(`r-${n}`)));
    const { lists } = await server.connection(1, 'subscribe');
    expect(lists[0]).toHaveLength(100);
    expect(lists[0]?.at(-1)?.raffle_id).toBe('r-99');
    await eventually(() => errors.length > 0);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(TooManySubscriptionsError);
    expect(errors[0]).toMatchObject({ limit: 100, wanted: 101, message: expect.stringContaining('100') });
  });

  it('may be as much as an option says', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url, { maxSubscriptions: 2 });
    client.setSubscriptions([ofRaffle('r-1'), ofRaffle('r-2')]);
    await server.connection(1, 'subscribe');
    expect(errors).toEqual([]);
    client.subscribe(ofRaffle('r-3'), () => {});
    await eventually(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ limit: 2, wanted: 3 });
    expect(server.session.lists).toHaveLength(1);
  });

  it.each([
    [{ event_type: 'nonsense' }, 'event_type'],
    [{ event_type: 'all', raffle_id: '' }, 'raffle_id'],
    [{ event_type: 'all', raffle_id: 'r'.repeat(257) }, 'raffle_id'],
    [{ event_type: 'all', raffleId: 'r-1' }, 'raffleId'],
    [null, 'entry 0'],
  ])('is refused where it cannot be: %o', async (filter, told) => {
    const server = await startServer();
    const { client } = connect(server.url);
    client.setSubscriptions([ofRaffle('r-1')]);
    for (const attempt of [
      () => client.setSubscriptions([filter as never]),
      () => client.subscribe(filter as never, () => {}),
    ]) {
      expect(attempt).toThrow(ClientOptionsError);
      expect(attempt).toThrow(told);
    }
    expect(client.subscriptions).toEqual([whole(ofRaffle('r-1'))]);
  });

  it('cannot be told to a closed client', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const off = client.subscribe(ofRaffle('r-1'), () => {});
    await client.close();
    expect(() => client.subscribe(ofRaffle('r-2'), () => {})).toThrow(ClientClosedError);
    expect(() => client.setSubscriptions([])).toThrow(ClientClosedError);
    expect(off).not.toThrow();
  });
});

describe('an event', () => {
  it('reaches the handlers whose filter it is for, once each, and every listener', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    client.subscribe(ofRaffle('r-1'), ({ data }) => seen.push(`one ${data.box_number}`));
    client.subscribe([{ event_type: 'all', user_id: 'u-1' }, ofRaffle('r-1')], () => seen.push('either'));
    client.subscribe(ofRaffle('r-2'), () => seen.push('other raffle'));
    client.subscribe({ event_type: 'raffle_full', raffle_id: 'r-1' }, () => seen.push('other type'));
    client.on('box_purchased', ({ data }) => seen.push(`listener ${data.user_id}`));
    client.on('raffle_full', () => seen.push('other listener'));
    const session = await server.connection(1, 'subscribe');
    session.push('box_purchased', box('r-1', 7));
    await eventually(() => events.length === 1);
    expect(seen).toEqual(['listener u-1', 'one 7', 'either']);
  });

  it('keeps its times, and fields that the protocol does not know', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    client.setSubscriptions([{ event_type: 'all' }]);
    const session = await server.connection(1, 'subscribe');
    const data = { ...box('r-1', 1), purchased_at: '2024-01-15T11:35:00.123456789+01:00', colour: 'red' };
    session.push('box_purchased', data, '2024-01-15T10:35:00.000000001Z');
    await eventually(() => events.length === 1);
    expect(events).toEqual([{ message_type: 'box_purchased', data, timestamp: '2024-01-15T10:35:00.000000001Z' }]);
  });

  it('reaches nobody who has stopped, also while it is told', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    client.subscribe(ofRaffle('r-1'), () => {
      seen.push('first');
      offSecond();
    });
    const offSecond = client.subscribe(ofRaffle('r-1'), () => seen.push('second'));
    const session = await server.connection(1, 'subscribe');
    session.push('box_purchased', box('r-1', 1));
    await eventually(() => events.length === 1);
    expect(seen).toEqual(['first']);
  });

  it('is told to the others when a handler throws or rejects', async () => {
    const server = await startServer();
    const thrown: unknown[] = [];
    const { client } = connect(server.url, { onListenerError: (error, event) => thrown.push([error, event]) });
    const seen: string[] = [];
    client.on('event', () => {
      throw 'listener';
    });
    client.subscribe(ofRaffle('r-1'), () => {
      throw 'handler';
    });
    client.subscribe(ofRaffle('r-1'), () => Promise.reject('promise'));
    client.subscribe(ofRaffle('r-1'), () => seen.push('second'));
    (await server.connection(1, 'subscribe')).push('box_purchased', box('r-1', 1));
    await eventually(() => thrown.length === 3);
    expect(thrown).toEqual([
      ['listener', 'event'],
      ['handler', 'subscribe'],
      ['promise', 'subscribe'],
    ]);
    expect(seen).toEqual(['second']);
  });

  it('at which the client is closed is the last', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    client.subscribe({ event_type: 'all' }, () => seen.push('handler'));
    client.on('box_purchased', () => void client.close());
    const session = await server.connection(1, 'subscribe');
    session.push('box_purchased', box('r-1', 1));
    session.push('box_purchased', box('r-1', 2));
    await eventually(() => session.closedWith);
    expect([seen, events]).toEqual([[], []]);
  });

  it.each([
    ['{', { event: 'a message', issues: [{ message: 'expected JSON' }] }],
    [JSON.stringify({ message_type: 'nonsense', data: {}, timestamp: 't' }), { event: 'a message' }],
    [
      JSON.stringify({ message_type: 'box_purchased', data: { ...box('r-1', 1), box_number: '1' }, timestamp: 't' }),
      { issues: [{ path: 'data.box_number' }] },
    ],
    [Buffer.from([1, 2]), { event: 'a binary message' }],
  ])('that is none is an error: %s', async (frame, error) => {
    const server = await startServer();
    const { client, errors, events } = connect(server.url);
    client.setSubscriptions([{ event_type: 'all' }]);
    const session = await server.connection(1, 'subscribe');
    session.sendFrame(frame);
    session.push('system_alert', { level: 'info', message: 'still here', created_at: 't' });
    await eventually(() => events.length === 1);
    expect(errors).toMatchObject([{ name: 'ProtocolError', ...error }]);
    expect(client.state).toBe('open');
  });
});

describe('events that were lost between instances', () => {
  it('are told as "missed", which each list asks for', async () => {
    const server = await startServer();
    const { client, errors, events } = connect(server.url);
    const missed: unknown[] = [];
    client.on('missed', (...told) => missed.push(told));
    client.subscribe({ event_type: 'all' }, () => {});
    const session = await server.connection(1, 'subscribe');
    client.subscribe(ofRaffle('r-1'), () => {});
    await eventually(() => session.lists.length === 2);
    expect(session.received.map(({ data }) => data.notify_missed)).toEqual([true, true]);
    session.push('events_missed', {});
    session.push('box_purchased', box('r-1', 1));
    await eventually(() => events.length === 1);
    expect(missed).toEqual([[undefined]]);
    expect(events).toMatchObject([{ message_type: 'box_purchased' }]);
    expect(errors).toEqual([]);
  });
});

describe('a room', () => {
  const stock = { item_id: 'i-1', old_quantity: 2, new_quantity: 1, updated_at: 't' };

  it.each([
    ['raffle_r-1', 'box_purchased', box('r-1', 1), true],
    ['raffle_r-2', 'box_purchased', box('r-1', 1), false],
    // The wire does not tell: the server would not have sent it for nothing.
    ['raffle_r-1', 'item_stock_changed', stock, true],
    ['lounge', 'box_purchased', box('r-1', 1), true],
  ])('%s, and %s', async (room, type, data, isFor) => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: unknown[] = [];
    client.subscribe({ event_type: 'all', room }, (event) => seen.push(event));
    client.subscribe({ event_type: 'all', room, user_id: 'somebody else' }, (event) => seen.push(event));
    (await server.connection(1, 'subscribe')).push(type, data);
    await eventually(() => events.length === 1);
    expect(seen).toEqual(isFor ? events : []);
  });
});
