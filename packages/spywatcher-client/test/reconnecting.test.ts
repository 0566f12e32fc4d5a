import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { tokenRefusal } from '../src/index.js';
import { connect, message, startServer } from './support/client.js';

describe('a connection that', () => {
  it('is made asks for what is wanted, once', async () => {
    const server = await startServer();
    const { client, changes, errors } = connect(server.url);
    client.subscribeToGuild('g-1');
    client.subscribeToGuild('g-1');
    client.subscribeToAnalytics('g-1');
    expect(client.state).toBe('idle');
    await client.ready;
    const session = await server.connection(1, 'subscribe:analytics g-1');
    expect(session.received).toEqual(['subscribe:guild g-1', 'subscribe:analytics g-1']);
    expect(changes.map(({ state, previous, code }) => [previous, state, code])).toEqual([
      ['idle', 'connecting', 'started'],
      ['connecting', 'authenticating', 'opened'],
      ['authenticating', 'open', 'accepted'],
    ]);
    expect([session.token, session.transport, errors]).toEqual(['good', 'websocket', []]);
  });

  it('is lost is made anew, with a token fetched anew, and asks the same once', async () => {
    const server = await startServer();
    let n = 0;
    const { client, errors, events } = connect(server.url, { token: () => `token-${++n}` });
    const off = client.subscribeToGuild('g-0');
    client.subscribeToGuild('g-1');
    client.subscribeToGuild('g-1');
    const first = await server.connection(1, 'subscribe:guild g-1');
    client.on('connection', ({ state }) => {
      if (state !== 'waiting') return;
      off();
      client.subscribeToAnalytics('g-2');
    });
    first.cut();
    const second = await server.connection(2, 'subscribe:analytics g-2');
    await turns(5);
    expect(second.received).toEqual(['subscribe:guild g-1', 'subscribe:analytics g-2']);
    expect(server.tokens).toEqual(['token-1', 'token-2']);
    expect(errors).toMatchObject([{ name: 'ConnectionLostError', code: 1006, reason: 'transport close' }]);
    second.push('message:new', message('g-1'));
    await eventually(() => events.length === 1);
    await turns(5);
    expect([events.length, server.sessions.length]).toEqual([1, 2]);
  });

  it('the server ends is made anew', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    client.subscribeToGuild('g-1');
    await server.connection(1, 'subscribe:guild g-1');
    server.session.socket.disconnect();
    await server.connection(2, 'subscribe:guild g-1');
    expect(errors).toMatchObject([{ name: 'ConnectionLostError', code: 1000, reason: 'io server disconnect' }]);
  });

  it('is refused is tried again, ever more slowly up to a limit', async () => {
    const server = await startServer();
    server.refuseToken = () => 'Too many connections';
    const clock = new ManualClock();
    const { client, changes, errors } = connect(server.url, {
      clock,
      random: () => 0.999,
      reconnectionDelay: 1000,
      reconnectionDelayMax: 5000,
    });
    for (let attempt = 1; attempt <= 5; attempt++) {
      await eventually(() => server.tokens.length === attempt && client.state === 'waiting');
      await clock.advance(changes.at(-1)?.retryInMs ?? 0);
    }
    await eventually(() => server.tokens.length === 6 && client.state === 'waiting');
    const waits = changes.flatMap(({ retryInMs }) => retryInMs ?? []);
    expect(waits).toEqual([999, 1998, 3996, 4995, 4995, 4995]);
    expect(errors[0]).toMatchObject({ name: 'ConnectionLostError', reason: 'Too many connections' });
    server.refuseToken = () => undefined;
    client.connect();
    await client.ready;
  });

  it('comes not about in time is given up', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, errors } = connect(server.url, { clock, token: () => new Promise<string>(() => {}) });
    await eventually(() => client.state === 'connecting');
    await clock.advance(10_000);
    await eventually(() => errors.length === 1);
    expect(errors).toMatchObject([{ name: 'TimeoutError', operation: 'connecting', timeoutMs: 10_000 }]);
  });

  it('the server never lets into its namespace is given up', async () => {
    const server = await startServer();
    server.io.use(() => {});
    const clock = new ManualClock();
    const { client, errors } = connect(server.url, { clock, random: () => 0.9 });
    await eventually(() => server.tokens.length === 1);
    expect(client.state).toBe('authenticating');
    await clock.advance(10_000);
    await eventually(() => errors.length === 1);
    expect(errors).toMatchObject([{ name: 'TimeoutError' }]);
    await eventually(() => server.io.engine.clientsCount === 0);
  });

  it('is lost with reconnection off is over, until told otherwise', async () => {
    const server = await startServer();
    const { client, changes } = connect(server.url, { reconnection: false });
    client.subscribeToGuild('g-1');
    await server.connection(1, 'subscribe:guild g-1');
    server.session.cut();
    await eventually(() => client.state === 'failed');
    await turns(10);
    expect(server.tokens).toHaveLength(1);
    client.connect();
    await server.connection(2, 'subscribe:guild g-1');
    await eventually(() => client.state === 'open');
    expect(changes.slice(-4).map(({ state, previous }) => [previous, state])).toEqual([
      ['open', 'failed'],
      ['failed', 'connecting'],
      ['connecting', 'authenticating'],
      ['authenticating', 'open'],
    ]);
  });

  it('there is no server for says so', async () => {
    const server = await startServer();
    await server.close();
    for (const transports of [['websocket'], ['polling'], ['websocket', 'polling']] as const) {
      const { client, errors } = connect(server.url, { transports, reconnection: false });
      await expect(client.ready).rejects.toMatchObject({ name: 'ConnectionRefusedError', status: undefined });
      expect(errors[0]?.message).toMatch(/could not be reached: .*ECONNREFUSED/);
    }
  });
});

describe('a token', () => {
  it('that expires is replaced, and what is wanted asked for once', async () => {
    const server = await startServer();
    const requests: unknown[] = [];
    let n = 0;
    const { client, errors, changes } = connect(server.url, {
      token: (request) => {
        requests.push(request);
        return `token-${++n}`;
      },
      random: () => 0.999,
    });
    client.subscribeToGuild('g-1');
    for (let round = 1; round <= 3; round++) {
      const session = await server.connection(round, 'subscribe:guild g-1');
      await eventually(() => client.state === 'open');
      session.push('error', { message: 'Token expired' });
      session.socket.disconnect(round === 2);
    }
    const last = await server.connection(4, 'subscribe:guild g-1');
    expect(last.received).toEqual(['subscribe:guild g-1']);
    expect(server.tokens).toEqual(['token-1', 'token-2', 'token-3', 'token-4']);
    expect(requests).toEqual([{ refresh: false }, ...Array(3).fill({ refresh: true })]);
    expect(errors.map(({ name }) => name)).toEqual(Array(3).fill(['ServerError', 'ConnectionLostError']).flat());
    expect(errors.slice(0, 2).map(tokenRefusal)).toEqual([undefined, 'Token expired']);
    // A server whose tokens expire in no time is not asked ever faster.
    expect(changes.flatMap(({ retryInMs }) => retryInMs ?? [])).toEqual([0, 7, 15]);
  });

  it('that expires and is a fixed text ends it', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url, { token: 'fixed' });
    await client.ready;
    server.session.push('error', { message: 'Token expired' });
    server.session.socket.disconnect();
    await eventually(() => client.state === 'failed');
    expect(errors.map(({ name }) => name)).toEqual(['ServerError', 'ConnectionLostError', 'CredentialsRefusedError']);
    expect(tokenRefusal(errors[2])).toBe('Token expired');
    expect(server.tokens).toEqual(['fixed']);
  });

  it.each([
    ['wrong', 'Invalid token'],
    ['', 'Authentication required'],
    [undefined, 'Authentication required'],
    [null, 'Authentication required'],
  ])('%j that is refused with %2$s ends it', async (token, reason) => {
    const server = await startServer();
    server.refuseToken = () => reason;
    const { client, errors, changes } = connect(server.url, { token });
    await expect(client.ready).rejects.toMatchObject({ name: 'CredentialsRefusedError' });
    expect(client.state).toBe('failed');
    expect(server.tokens).toEqual([token || undefined]);
    expect(errors.map(({ name }) => name)).toEqual(['ConnectionLostError', 'CredentialsRefusedError']);
    expect(errors.map(tokenRefusal)).toEqual([reason, reason]);
    expect(errors[1]?.message).toContain(reason);
    expect(changes.at(-1)).toMatchObject({ state: 'failed', previous: 'connecting', error: errors[1] });
    expect(JSON.stringify(changes) + errors.map(String)).not.toContain('wrong');
    expect(tokenRefusal(undefined)).toBeUndefined();
  });

  it('that is refused ends it where its provider has no other', async () => {
    const server = await startServer();
    server.refuseToken = () => 'Invalid token';
    const { client } = connect(server.url, { token: () => 'the same' });
    await eventually(() => client.state === 'failed');
    expect(server.tokens).toEqual(['the same']);
  });

  it('that is refused is replaced once', async () => {
    const server = await startServer();
    server.refuseToken = (token) => (token === 'old' ? 'Invalid token' : undefined);
    const { client, errors } = connect(server.url, { token: ({ refresh }) => (refresh ? 'new' : 'old') });
    await eventually(() => client.state === 'open');
    expect(server.tokens).toEqual(['old', 'new']);
    expect(errors).toMatchObject([{ name: 'ConnectionLostError', reason: 'Invalid token' }]);
  });

  it('that replaced a refused one and is refused too ends it', async () => {
    const server = await startServer();
    server.refuseToken = () => 'Invalid token';
    let n = 0;
    const { client } = connect(server.url, { token: () => `token-${++n}` });
    await eventually(() => client.state === 'failed');
    await turns(10);
    expect(server.tokens).toEqual(['token-1', 'token-2']);
  });

  it('whose provider fails is asked for again', async () => {
    const server = await startServer();
    let n = 0;
    const token = () => {
      if (++n < 3) throw new Error('no session yet');
      return 'at last';
    };
    const { client, errors } = connect(server.url, { token });
    await eventually(() => client.state === 'open');
    expect(errors.map(({ cause }) => cause)).toEqual([new Error('no session yet'), new Error('no session yet')]);
    expect(server.tokens).toEqual(['at last']);
  });

  it('that is given anew is used by a new connection, and mends a failed client', async () => {
    const server = await startServer();
    server.refuseToken = (token) => (token === 'wrong' ? 'Invalid token' : undefined);
    const { client } = connect(server.url, { token: 'wrong' });
    client.subscribeToGuild('g-1');
    await eventually(() => client.state === 'failed');
    client.authenticate('alice');
    await server.connection(1, 'subscribe:guild g-1');
    client.authenticate(() => 'bob');
    const second = await server.connection(2, 'subscribe:guild g-1');
    await eventually(() => server.live.length === 1);
    expect([second.received, second.token, server.tokens]).toEqual([
      ['subscribe:guild g-1'],
      'bob',
      ['wrong', 'alice', 'bob'],
    ]);
  });

  it.each(['at once', 'while the token is fetched', 'while connecting', 'while waiting'])(
    'that is given %s is the only one used',
    async (when) => {
      const server = await startServer();
      if (when === 'while waiting') server.refuseToken = () => 'Too many connections';
      let give: (token: string) => void = () => {};
      const token = () =>
        new Promise<string>((resolve) => {
          give = resolve;
        });
      const slow = { reconnectionDelay: 60_000, reconnectionDelayMax: 60_000, random: () => 0.9 };
      const { client } = connect(server.url, {
        ...slow,
        token: when === 'while the token is fetched' ? token : 'before',
      });
      if (when === 'while the token is fetched') await turns(2);
      if (when === 'while connecting') await Promise.resolve();
      if (when === 'while waiting') await eventually(() => client.state === 'waiting');
      expect(client.state).toBe(when === 'at once' ? 'idle' : when === 'while waiting' ? 'waiting' : 'connecting');
      server.refuseToken = () => undefined;
      client.authenticate('after');
      give('too late');
      await eventually(() => client.state === 'open');
      expect(server.live.map((session) => session.token)).toEqual(['after']);
      expect(server.tokens.filter((one) => one !== 'before')).toEqual(['after']);
    },
  );
});

it('a token that comes too late does not count as the one that was refused', async () => {
  const server = await startServer();
  let give: (token: string) => void = () => {};
  const token = () =>
    new Promise<string>((resolve) => {
      give = resolve;
    });
  const { client } = connect(server.url, { token });
  await turns(2);
  client.authenticate('after');
  await eventually(() => client.state === 'open');
  give('too late');
  await turns(2);
  server.session.push('error', { message: 'Token expired' });
  server.session.socket.disconnect();
  await eventually(() => client.state === 'failed');
  expect(server.tokens).toEqual(['after']);
});

describe('a server that wants to be left alone', () => {
  const busy = (seconds: string) => () => ({ status: 429, headers: { 'Retry-After': seconds } });

  it('is, for as long as it says', async () => {
    const server = await startServer();
    server.refuseRequest = busy('90');
    const clock = new ManualClock();
    const { client, changes, errors } = connect(server.url, { clock, random: () => 0.5 });
    client.subscribeToGuild('g-1');
    await eventually(() => client.state === 'waiting');
    expect(changes.at(-1)).toMatchObject({ state: 'waiting', previous: 'connecting', retryInMs: 90_002 });
    expect(errors).toMatchObject([{ name: 'ConnectionRefusedError', status: 429 }]);
    // A WebSocket was tried first, but does not say for how long.
    expect(server.attempts).toEqual(['websocket', 'polling']);
    await clock.advance(90_001);
    expect(server.attempts).toHaveLength(2);
    server.refuseRequest = () => undefined;
    await clock.advance(1);
    await server.connection(1, 'subscribe:guild g-1');
    await client.ready;
  });

  it.each(['soon', '0', '-5'])('is for a minute where it says %j', async (seconds) => {
    for (const transports of [['polling'], ['websocket']] as const) {
      const server = await startServer();
      server.refuseRequest = busy(seconds);
      const clock = new ManualClock();
      const { client, changes } = connect(server.url, { clock, random: () => 0, transports });
      await eventually(() => client.state === 'waiting');
      expect(changes.at(-1)?.retryInMs).toBe(60_000);
    }
  });

  it('is for as long as it says whatever it answers', async () => {
    const server = await startServer();
    server.refuseRequest = () => ({ status: 503, headers: { 'Retry-After': '7' } });
    const clock = new ManualClock();
    const { client, changes } = connect(server.url, { clock, random: () => 0 });
    await eventually(() => client.state === 'waiting');
    expect(changes.at(-1)?.retryInMs).toBe(7_000);
  });

  it('for days is tried again after an hour', async () => {
    const server = await startServer();
    server.refuseRequest = busy('999999');
    const clock = new ManualClock();
    const { client, changes } = connect(server.url, { clock, random: () => 0, transports: ['polling'] });
    await eventually(() => client.state === 'waiting');
    expect(changes.at(-1)?.retryInMs).toBe(3_600_000);
  });

  it.each(['connect', 'authenticate', 'close'] as const)('is not where the owner says %s', async (what) => {
    const server = await startServer();
    server.refuseRequest = busy('90');
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock });
    await eventually(() => client.state === 'waiting');
    server.refuseRequest = () => undefined;
    if (what === 'authenticate') client.authenticate('good');
    else await client[what]();
    if (what !== 'close') await client.ready;
    await clock.advance(200_000);
    expect(server.sessions).toHaveLength(what === 'close' ? 0 : 1);
  });
});

describe('a refusal', () => {
  it.each([
    [403, 'does not allow this origin'],
    [404, 'no Socket.IO answers at this path'],
    [400, 'does not take this transport'],
  ])('with HTTP %d says why', async (status, told) => {
    for (const transport of ['websocket', 'polling'] as const) {
      const server = await startServer();
      server.refuseRequest = () => ({ status });
      const { client, errors } = connect(server.url, { transports: [transport] });
      if (status === 400) await eventually(() => errors.length > 0);
      else await expect(client.ready).rejects.toMatchObject({ status });
      expect(errors[0]).toMatchObject({ name: 'ConnectionRefusedError', status });
      expect(errors[0]?.message).toContain(told);
      await eventually(() => server.attempts.length > 1);
      await client.close();
    }
  });

  it('by Socket.IO itself comes with its words', async () => {
    const server = await startServer();
    const body = JSON.stringify({ code: 3, message: 'Polling needs sticky sessions' });
    server.refuseRequest = () => ({ status: 400, body });
    const { errors } = connect(server.url, { transports: ['polling'] });
    await eventually(() => errors.length > 0);
    expect(errors[0]?.cause).toMatchObject({ message: 'Polling needs sticky sessions' });
  });

  it('of a later request ends the connection with its words', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url, { transports: ['polling'] });
    await client.ready;
    const body = JSON.stringify({ code: 1, message: 'Session ID unknown' });
    server.refuseRequest = ({ url = '' }) => (url.includes('sid=') ? { status: 400, body } : undefined);
    client.subscribeToGuild('g-1');
    await eventually(() => errors.length > 0);
    expect(errors[0]).toMatchObject({
      name: 'ConnectionLostError',
      reason: 'transport error, the server answered HTTP 400: Session ID unknown',
    });
  });
});

describe('by transport', () => {
  it.each([
    [['websocket'], ['websocket'], 'websocket'],
    [['polling'], ['polling'], 'polling'],
    [['websocket', 'polling'], ['websocket'], 'websocket'],
    [['polling', 'websocket'], ['polling', 'websocket'], 'websocket'],
  ] as const)('%j works', async (transports, attempts, final) => {
    const server = await startServer();
    const { client, events, errors } = connect(server.url, { transports });
    client.subscribeToGuild('g-1');
    const session = await server.connection(1, 'subscribe:guild g-1');
    session.push('message:new', message('g-1'));
    await eventually(() => events.length === 1);
    await eventually(() => session.transport === final);
    session.push('message:new', message('g-1'));
    await eventually(() => events.length === 2);
    expect([session.received, errors]).toEqual([['subscribe:guild g-1'], []]);
    expect(server.attempts[0]).toBe(attempts[0]);
    await client.close();
    await eventually(() => server.live.length === 0);
    expect(server.sessions).toHaveLength(1);
  });

  it('polling is used where WebSockets do not get through', async () => {
    const server = await startServer();
    server.refuseRequest = ({ headers }) => (headers.upgrade ? { status: 502 } : undefined);
    const { client, errors } = connect(server.url);
    client.subscribeToGuild('g-1');
    const session = await server.connection(1, 'subscribe:guild g-1');
    expect([session.transport, errors]).toEqual(['polling', []]);
  });

  it('a path can be named', async () => {
    const server = await startServer('/live/socket.io');
    const { client } = connect(server.url, { path: '/live/socket.io' });
    await client.ready;
  });
});
