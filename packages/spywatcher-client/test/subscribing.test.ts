import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ClientClosedError, ClientOptionsError } from '../src/index.js';
import { analytics, connect, message, startServer } from './support/client.js';

describe('a guild', () => {
  it('is asked for once, however many follow it, and let go with the last of them', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const offs = [client.subscribeToGuild('g-1'), client.subscribeToGuild('g-1'), client.subscribeToGuild('g-1')];
    const session = await server.connection(1, 'subscribe:guild g-1');
    offs.push(client.subscribeToGuild('g-1'));
    await turns(5);
    offs[0]?.();
    offs[0]?.();
    offs[0]?.();
    offs[1]?.();
    offs[2]?.();
    await turns(5);
    expect(client.subscriptions).toEqual([{ kind: 'guild', guildId: 'g-1' }]);
    client.subscribeToAnalytics('g-1');
    await eventually(() => session.received.includes('subscribe:analytics g-1'));
    expect(session.received).toEqual(['subscribe:guild g-1', 'subscribe:analytics g-1']);
    offs[3]?.();
    await eventually(() => session.received.length === 3);
    expect(session.received[2]).toBe('unsubscribe:guild g-1');
    expect(client.subscriptions).toEqual([{ kind: 'analytics', guildId: 'g-1' }]);
    client.subscribeToGuild('g-1');
    await eventually(() => session.received.length === 4);
    expect(session.received[3]).toBe('subscribe:guild g-1');
  });

  it('that is followed and left in the same tick is not mentioned', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    client.subscribeToGuild('g-1')();
    const off = client.subscribeToGuild('g-2');
    await server.connection(1, 'subscribe:guild g-2');
    off();
    client.subscribeToGuild('g-2');
    client.subscribeToGuild('g-3');
    await server.connection(1, 'subscribe:guild g-3');
    expect(server.session.received).toEqual(['subscribe:guild g-2', 'subscribe:guild g-3']);
  });

  it.each(['', 'a\nb', 'x'.repeat(129), 42, undefined])('cannot be %j', async (guildId) => {
    const server = await startServer();
    const { client } = connect(server.url);
    for (const attempt of [
      () => client.subscribeToGuild(guildId as string),
      () => client.subscribeToAnalytics(guildId as string),
    ]) {
      expect(attempt).toThrow(ClientOptionsError);
      expect(attempt).toThrow('guildId');
    }
    expect(client.subscriptions).toEqual([]);
  });

  it('cannot be followed by a closed client', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const off = client.subscribeToGuild('g-1');
    await client.close();
    expect(() => client.subscribeToGuild('g-1')).toThrow(ClientClosedError);
    expect(() => client.subscribeToAnalytics('g-1')).toThrow(ClientClosedError);
    expect(off).not.toThrow();
    expect(client.subscriptions).toEqual([]);
  });
});

describe('an event', () => {
  it('reaches those who follow its guild, once each, and every listener', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    const one = (who: string) => (event: { event: string }) => seen.push(`${who} ${event.event}`);
    client.subscribeToGuild('g-1', one('first'));
    client.subscribeToGuild('g-1', one('second'));
    client.subscribeToGuild('g-2', one('other guild'));
    client.subscribeToAnalytics('g-1', () => seen.push('analytics'));
    client.on('message:new', ({ username }) => seen.push(`listener ${username}`));
    client.on('user:join', () => seen.push('other listener'));
    const session = await server.connection(1, 'subscribe:guild g-2');
    session.push('message:new', message('g-1'));
    await eventually(() => events.length === 1);
    expect(seen).toEqual(['listener pim', 'first message:new', 'second message:new']);
    expect(events).toEqual([{ event: 'message:new', data: message('g-1') }]);
  });

  it('of a server that does not say of which guild reaches all who follow one', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    client.subscribeToGuild('g-1', () => seen.push('one'));
    client.subscribeToGuild('g-2', () => seen.push('two'));
    client.subscribeToAnalytics('g-1', () => seen.push('analytics'));
    (await server.connection(1, 'subscribe:guild g-2')).push('message:new', message(undefined));
    await eventually(() => events.length === 1);
    expect(seen).toEqual(['one', 'two']);
  });

  it.each([
    ['alert:multiClient', { platforms: ['desktop', 'web'] }],
    ['presence:update', { status: 'dnd' }],
    ['role:change', { addedRoles: ['mod'] }],
    ['user:join', { accountAgeDays: 3 }],
  ])('%s comes with its fields, and no others', async (name, fields) => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const data = { guildId: 'g-1', userId: 'u-1', username: 'pim', timestamp: 't', ...fields };
    const seen: unknown[] = [];
    client.on(name as 'user:join', (given) => seen.push(given));
    await client.ready;
    server.session.push(name, { ...data, content: 'secret' });
    await eventually(() => events.length === 1);
    expect([seen, events]).toEqual([[data], [{ event: name, data }]]);
  });

  it('reaches nobody who has stopped, also while it is told', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    client.subscribeToGuild('g-1', () => {
      seen.push('first');
      offSecond();
    });
    const offSecond = client.subscribeToGuild('g-1', () => seen.push('second'));
    const session = await server.connection(1, 'subscribe:guild g-1');
    session.push('message:new', message('g-1'));
    await eventually(() => events.length === 1);
    expect(seen).toEqual(['first']);
  });

  it('is told to the others when a listener throws or rejects', async () => {
    const server = await startServer();
    const thrown: unknown[] = [];
    const { client } = connect(server.url, { onListenerError: (error, event) => thrown.push([error, event]) });
    const seen: string[] = [];
    client.on('event', () => {
      throw 'listener';
    });
    client.subscribeToGuild('g-1', () => {
      throw 'guild';
    });
    client.subscribeToGuild('g-1', () => Promise.reject('promise'));
    client.subscribeToGuild('g-1', () => seen.push('second'));
    (await server.connection(1, 'subscribe:guild g-1')).push('message:new', message('g-1'));
    await eventually(() => thrown.length === 3);
    expect(thrown).toEqual([
      ['listener', 'event'],
      ['guild', 'subscribe'],
      ['promise', 'subscribe'],
    ]);
    expect(seen).toEqual(['second']);
  });

  it.each([
    ['message:new', [{ ...message('g-1'), userId: 7 }], 'userId'],
    ['message:new', [], ''],
    ['message:new', [Buffer.from([1, 2])], 'userId'],
    ['analytics:update', [{ ...analytics('g-1'), data: [] }], 'data'],
    ['user:join', [null], ''],
    ['error', ['Token expired'], ''],
  ])('%s that is none is counted and told as an error: %j', async (name, data, path) => {
    const server = await startServer();
    const { client, errors, events } = connect(server.url);
    client.subscribeToGuild('g-1', () => expect.fail('it was told'));
    client.subscribeToAnalytics('g-1', () => expect.fail('it was told'));
    await client.ready;
    server.session.push(name, ...data);
    server.session.push('user:join', { userId: 'u', username: 'n', accountAgeDays: 0, timestamp: 't', guildId: 'g-2' });
    await eventually(() => events.length === 1);
    expect(errors).toMatchObject([{ name: 'ProtocolError', event: name }]);
    expect(errors[0]).toHaveProperty(['issues', 0, 'path'], path);
    expect([client.invalidEvents, client.state]).toEqual([1, 'open']);
  });

  it('that the protocol does not know is passed over', async () => {
    const server = await startServer();
    const { client, errors, events } = connect(server.url);
    await client.ready;
    for (const name of ['message:deleted', 'toString', '__proto__', '']) server.session.push(name, {});
    server.session.push('message:new', message('g-1'));
    await eventually(() => events.length === 1);
    expect([errors, client.invalidEvents]).toEqual([[], 0]);
  });

  it('at which the client is closed is the last', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    client.subscribeToGuild('g-1', () => seen.push('guild'));
    client.on('message:new', () => void client.close());
    const session = await server.connection(1, 'subscribe:guild g-1');
    session.push('message:new', message('g-1'));
    session.push('message:new', message('g-1'));
    await eventually(() => session.endedBy);
    expect([seen, events]).toEqual([[], []]);
  });
});

it('a follower that closes the client is the last to be told', async () => {
  const server = await startServer();
  const { client } = connect(server.url);
  const seen: string[] = [];
  client.subscribeToGuild('g-1', () => {
    seen.push('first');
    void client.close();
  });
  client.subscribeToGuild('g-1', () => seen.push('second'));
  const session = await server.connection(1, 'subscribe:guild g-1');
  session.push('message:new', message('g-1'));
  await eventually(() => session.endedBy);
  expect(seen).toEqual(['first']);
});

describe('analytics', () => {
  it('reach those who follow them, and are repeated for who comes later', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: string[] = [];
    client.subscribeToAnalytics('g-1', ({ data }) => seen.push(`first ${data.ghosts[0]?.ghostScore}`));
    const session = await server.connection(1, 'subscribe:analytics g-1');
    for (const [guildId, score] of [
      ['g-1', 1],
      ['g-2', 7],
      ['g-1', 2],
    ] as const) {
      session.push('analytics:update', analytics(guildId, score));
    }
    await eventually(() => events.length === 3);
    const off = client.subscribeToAnalytics('g-1', ({ data }) => seen.push(`later ${data.ghosts[0]?.ghostScore}`));
    client.subscribeToAnalytics('g-1', () => seen.push('gone'))();
    client.subscribeToAnalytics('g-2', () => seen.push('never followed'));
    expect(seen).toEqual(['first 1', 'first 2']);
    await turns(2);
    expect(seen).toEqual(['first 1', 'first 2', 'later 2']);
    off();
    session.push('analytics:update', analytics('g-1', 3));
    await eventually(() => events.length === 4);
    expect(seen.slice(3)).toEqual(['first 3']);
  });

  it('are kept for as long as the server would not repeat them', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, events } = connect(server.url, { clock });
    const off = client.subscribeToAnalytics('g-1');
    (await server.connection(1, 'subscribe:analytics g-1')).push('analytics:update', analytics('g-1'));
    await eventually(() => events.length === 1);
    const seen: unknown[] = [];
    off();
    await clock.advance(29_999);
    const offAgain = client.subscribeToAnalytics('g-1', (update) => seen.push(update));
    await clock.advance(60_000);
    expect(seen).toEqual([analytics('g-1')]);
    offAgain();
    await clock.advance(30_000);
    client.subscribeToAnalytics('g-1', (update) => seen.push(update));
    await clock.advance(0);
    expect(seen).toHaveLength(1);
  });

  it('are not kept for another user', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    const seen: unknown[] = [];
    client.subscribeToAnalytics('g-1');
    (await server.connection(1, 'subscribe:analytics g-1')).push('analytics:update', analytics('g-1'));
    await eventually(() => events.length === 1);
    client.authenticate('another');
    client.subscribeToAnalytics('g-1', (update) => seen.push(update));
    await server.connection(2, 'subscribe:analytics g-1');
    expect(seen).toEqual([]);
  });

  it('that come while a late caller is about to be told the last ones are told once', async () => {
    const server = await startServer();
    const { client, events } = connect(server.url);
    client.subscribeToAnalytics('g-1');
    const session = await server.connection(1, 'subscribe:analytics g-1');
    session.push('analytics:update', analytics('g-1', 1));
    await eventually(() => events.length === 1);
    const seen: (number | undefined)[] = [];
    // Between the event's listeners and the subscriptions a caller joins.
    const off = client.on('analytics:update', () => {
      off();
      client.subscribeToAnalytics('g-1', ({ data }) => seen.push(data.ghosts[0]?.ghostScore));
    });
    session.push('analytics:update', analytics('g-1', 2));
    await eventually(() => events.length === 2);
    await turns(3);
    expect(seen).toEqual([2]);
  });
});
