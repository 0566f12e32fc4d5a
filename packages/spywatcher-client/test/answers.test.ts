import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import type { EventsMissed } from '../src/index.js';
import { analytics, connect, message, startServer } from './support/client.js';
import { nothing } from './support/spywatcher-server.js';

const denial = 'Not authorized for this guild';
const denied = (event: string, guildId: string) =>
  guildId === 'closed' && event.startsWith('subscribe:') ? { ok: false, message: denial } : { ok: true };

describe('a refused subscription', () => {
  it('is told once, brings nothing, and is asked for again on the next connection', async () => {
    const server = await startServer();
    server.answer = denied;
    const { client, errors } = connect(server.url);
    client.subscribeToGuild('closed');
    client.subscribeToGuild('closed');
    client.subscribeToGuild('open');
    await eventually(() => errors.length === 1);
    expect(errors[0]).toMatchObject({
      name: 'SubscriptionDeniedError',
      room: 'guild',
      guildId: 'closed',
      reason: denial,
    });
    client.subscribeToGuild('closed');
    await turns(10);
    expect(errors).toHaveLength(1);
    expect(client.denials).toEqual(errors);
    expect(server.session.received).toEqual(['subscribe:guild closed', 'subscribe:guild open']);
    server.answer = () => ({ ok: true });
    server.session.cut();
    await server.connection(2, 'subscribe:guild closed');
    await eventually(() => client.denials.length === 0);
  });

  it('that is given up is not taken back, and asked for when it is wanted again', async () => {
    const server = await startServer();
    server.answer = denied;
    const { client, errors } = connect(server.url);
    const off = client.subscribeToAnalytics('closed');
    await eventually(() => errors.length === 1);
    off();
    client.subscribeToGuild('open');
    const session = await server.connection(1, 'subscribe:guild open');
    expect([session.received, client.denials]).toEqual([['subscribe:analytics closed', 'subscribe:guild open'], []]);
    server.answer = () => ({ ok: true });
    client.subscribeToAnalytics('closed');
    await eventually(() => session.received.length === 3);
    await turns(5);
    expect(errors).toHaveLength(1);
  });

  it('is no longer worth telling where it was given up meanwhile', async () => {
    const server = await startServer();
    server.answer = denied;
    const { client, errors } = connect(server.url);
    await client.ready;
    const off = client.subscribeToGuild('closed');
    await Promise.resolve();
    off();
    await eventually(() => server.session.received.length === 2);
    expect(server.session.received).toEqual(['subscribe:guild closed', 'unsubscribe:guild closed']);
    client.subscribeToGuild('open');
    await server.connection(1, 'subscribe:guild open');
    await turns(5);
    expect(errors).toEqual([]);
  });

  it('leaves nothing of what was known', async () => {
    const server = await startServer();
    const { client, events, errors } = connect(server.url);
    client.subscribeToAnalytics('closed');
    (await server.connection(1, 'subscribe:analytics closed')).push('analytics:update', analytics('closed'));
    await eventually(() => events.length === 1);
    server.answer = denied;
    server.session.cut();
    await eventually(() => errors.some(({ name }) => name === 'SubscriptionDeniedError'));
    client.subscribeToAnalytics('closed', () => expect.fail('it was told'));
    await turns(3);
  });

  it.each(['The subscription is not possible at the moment', 'Too many events (max: 20 per second)'])(
    'with %j is asked for again',
    async (reason) => {
      const server = await startServer();
      let asked = 0;
      server.answer = () => (++asked < 3 ? { ok: false, message: reason } : { ok: true });
      const clock = new ManualClock();
      const { client, errors } = connect(server.url, { clock });
      client.subscribeToGuild('g-1');
      for (let time = 1; time <= 2; time++) {
        await eventually(() => asked === time && client.state === 'open' && clock.pending === 1);
        await clock.advance(9_999);
        expect(asked).toBe(time);
        await clock.advance(1);
      }
      await eventually(() => asked === 3);
      await turns(5);
      expect([clock.pending, client.denials, errors]).toEqual([0, [], []]);
    },
  );

  it('is not asked for again where nobody wants it any more', async () => {
    const server = await startServer();
    server.answer = () => ({ ok: false, message: 'The subscription is not possible at the moment' });
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock });
    const off = client.subscribeToGuild('g-1');
    await server.connection(1, 'subscribe:guild g-1');
    await eventually(() => client.state === 'open' && clock.pending === 1);
    off();
    await server.connection(1, 'unsubscribe:guild g-1');
    await clock.advance(20_000);
    client.subscribeToGuild('g-2');
    const { received } = await server.connection(1, 'subscribe:guild g-2');
    expect(received).toEqual(['subscribe:guild g-1', 'unsubscribe:guild g-1', 'subscribe:guild g-2']);
  });

  it.each([{ ok: 'yes' }, null, 'denied', [], 7])('in a shape that is none is told: %j', async (answer) => {
    const server = await startServer();
    server.answer = () => answer;
    const { client, errors } = connect(server.url);
    client.subscribeToGuild('g-1');
    await eventually(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ name: 'ProtocolError', event: 'an answer to subscribe:guild' });
    expect([client.denials, client.state]).toEqual([[], 'open']);
  });

  it('needs no words', async () => {
    const server = await startServer();
    server.answer = () => ({ ok: false });
    const { client, errors } = connect(server.url);
    client.subscribeToGuild('g-1');
    await eventually(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ name: 'SubscriptionDeniedError', reason: 'no reason given' });
  });
});

describe('a subscription that is not answered', () => {
  it('was lost, where the server answers others', async () => {
    const server = await startServer();
    let asked = 0;
    server.answer = (_event, guildId) => (guildId === 'lost' && ++asked < 3 ? nothing : { ok: true });
    const { client, errors } = connect(server.url, { answerTimeoutMs: 30 });
    client.subscribeToGuild('kept');
    client.subscribeToGuild('lost');
    await eventually(() => asked === 3);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(server.session.received).toEqual([
      'subscribe:guild kept',
      'subscribe:guild lost',
      'subscribe:guild lost',
      'subscribe:guild lost',
    ]);
    expect(errors).toEqual([]);
  });

  it('stands, where the server answers nothing', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url, { answerTimeoutMs: 10 });
    client.subscribeToGuild('g-1');
    await server.connection(1, 'subscribe:guild g-1');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([server.session.received, errors, client.state]).toEqual([['subscribe:guild g-1'], [], 'open']);
  });
});

describe('an error of the server', () => {
  it('is told', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    await client.ready;
    server.session.push('error', { message: denial });
    await eventually(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ name: 'ServerError', reason: denial });
    expect(client.state).toBe('open');
  });

  it('that its answer says again is told once, with the guild', async () => {
    const server = await startServer();
    server.answer = (event, guildId) => {
      if (guildId === 'closed') server.session.push('error', { message: denial });
      return denied(event, guildId);
    };
    const clock = new ManualClock();
    const { client, errors } = connect(server.url, { clock });
    for (const guildId of ['open', 'closed', 'another']) client.subscribeToGuild(guildId);
    client.subscribeToAnalytics('closed');
    await eventually(() => errors.length === 2);
    await clock.advance(5_000);
    expect(errors).toMatchObject([
      { name: 'SubscriptionDeniedError', room: 'guild' },
      { name: 'SubscriptionDeniedError', room: 'analytics' },
    ]);
    server.session.push('error', { message: denial });
    await eventually(() => errors.length === 3);
    expect([errors[2]?.name, clock.pending]).toEqual(['ServerError', 0]);
  });

  it('that other answers follow is told, in order', async () => {
    const server = await startServer();
    server.answer = (event, guildId) => {
      for (const message of ['first', 'second']) server.session.push('error', { message });
      return denied(event, guildId);
    };
    const { client, errors } = connect(server.url, { clock: new ManualClock() });
    client.subscribeToGuild('closed');
    await eventually(() => errors.length === 3);
    expect(errors).toMatchObject([{ reason: 'first' }, { reason: 'second' }, { reason: denial }]);
  });

  it('is told a moment later where no answer follows, and at once when the connection is lost', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, errors, events } = connect(server.url, { clock });
    client.subscribeToGuild('g-1');
    const session = await server.connection(1, 'subscribe:guild g-1');
    const pushed = async (count: number) => {
      session.push('error', { message: denial });
      session.push('message:new', message('g-1'));
      await eventually(() => events.length === count);
    };
    await pushed(1);
    await clock.advance(999);
    expect(errors).toEqual([]);
    await clock.advance(1);
    expect(errors).toMatchObject([{ name: 'ServerError' }]);
    await pushed(2);
    session.cut();
    await eventually(() => errors.length === 3);
    expect(errors.slice(1).map(({ name }) => name)).toEqual(['ServerError', 'ConnectionLostError']);
    const second = await eventually(async () => {
      await clock.advance(16);
      return server.sessions[1];
    });
    await server.connection(2, 'subscribe:guild g-1');
    second.push('error', { message: denial });
    second.push('message:new', message('g-1'));
    await eventually(() => events.length === 3);
    client.authenticate('another');
    expect(errors.slice(3).map(({ name }) => name)).toEqual(['ServerError']);
    await client.close();
    expect(clock.pending).toBe(0);
  });

  it('that waits is silent after the end', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, errors, events } = connect(server.url, { clock });
    client.subscribeToGuild('g-1');
    const session = await server.connection(1, 'subscribe:guild g-1');
    session.push('error', { message: denial });
    session.push('message:new', message('g-1'));
    await eventually(() => events.length === 1);
    await client.close();
    expect([errors, clock.pending]).toEqual([[], 0]);
  });
});

describe('events that the server has lost', () => {
  it.each([[['websocket']], [['polling']]] as const)(
    'are told as such, as it is asked for on each connection, over %j',
    async (transports) => {
      const server = await startServer();
      const { client, errors } = connect(server.url, { clock: new ManualClock(), transports });
      const missed: EventsMissed[] = [];
      client.on('missed', (one) => missed.push(one));
      client.subscribeToGuild('g-1');
      await server.connection(1, 'subscribe:guild g-1');
      // Later, as another attempt.
      client.authenticate('another');
      const session = await server.connection(2, 'subscribe:guild g-1');
      expect(server.sessions.map(({ asksForMissed }) => asksForMissed)).toEqual([true, true]);
      session.push('events:missed', { guildId: 'g-1' });
      session.push('events:missed', {});
      await eventually(() => missed.length === 2);
      expect([missed, errors]).toEqual([[{ guildId: 'g-1' }, {}], []]);
    },
  );
});

describe('many guilds', () => {
  const guilds = Array.from({ length: 40 }, (_, n) => `g-${n}`);

  it('are asked for no faster than the server takes it, if what was sent in two seconds arrives in one', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock });
    const offs = guilds.map((guildId) => client.subscribeToGuild(guildId));
    const { received } = await server.connection(1, 'subscribe:guild g-9');
    await clock.advance(999);
    expect(received).toHaveLength(10);
    await clock.advance(1);
    await eventually(() => received.length === 20);
    offs[0]?.();
    await clock.advance(1_000);
    await eventually(() => received.length === 30);
    // What is given up comes first: servers limit how much one may have.
    expect(received[20]).toBe('unsubscribe:guild g-0');
    await clock.advance(10_000);
    await eventually(() => received.length === 41);
    expect([new Set(received).size, clock.pending]).toEqual([41, 0]);
  });

  it('that were given up while they waited are not asked for', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock, maxEventsPerSecond: 1 });
    const [, off] = guilds.slice(0, 3).map((guildId) => client.subscribeToGuild(guildId));
    const { received } = await server.connection(1, 'subscribe:guild g-0');
    off?.();
    await clock.advance(1_000);
    await eventually(() => received.length === 2);
    expect(received).toEqual(['subscribe:guild g-0', 'subscribe:guild g-2']);
  });

  it('wait for nothing on a new connection', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock });
    for (const guildId of guilds.slice(0, 20)) client.subscribeToGuild(guildId);
    await server.connection(1, 'subscribe:guild g-9');
    server.session.cut();
    await eventually(() => client.state === 'waiting');
    await clock.advance(16);
    const { received } = await server.connection(2, 'subscribe:guild g-9');
    expect(received).toHaveLength(10);
    await client.close();
    expect(clock.pending).toBe(0);
  });
});
