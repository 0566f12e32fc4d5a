import { closeReasons } from '@roomcast/raffle-protocol';
import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { isTakenOver, shouldReconnect, shouldRefreshToken } from '../src/index.js';
import { box, connect, startServer, whole } from './support/client.js';

const boxes = { event_type: 'box_purchased', raffle_id: 'r-1' } as const;

describe('a connection that', () => {
  it('is made says who it is, then what it wants, then asks whether that was taken', async () => {
    const server = await startServer();
    const { client, changes } = connect(server.url, { token: 'good' });
    client.setSubscriptions([boxes]);
    await client.ready;
    expect(client.state).toBe('open');
    expect(server.session.received).toEqual([
      { message_type: 'auth', data: { token: 'good' } },
      { message_type: 'subscribe', data: { subscriptions: [whole(boxes)], notify_missed: true } },
      { message_type: 'ping', data: {} },
    ]);
    expect(changes.map(({ state }) => state)).toEqual(['connecting', 'authenticating', 'open']);
    expect(server.urls).toEqual(['/ws']);
  });

  it('is lost is made anew, with a token fetched anew, and told the same', async () => {
    const server = await startServer();
    let n = 0;
    const { client, errors, events } = connect(server.url, { token: () => `token-${++n}` });
    client.subscribe(boxes, () => {});
    await eventually(() => client.state === 'open');
    client.on('connection', ({ state }) => {
      if (state === 'waiting') client.subscribe({ event_type: 'user_left' }, () => {});
    });
    server.session.socket.terminate();
    const second = await server.connection(2, 'ping');
    expect(second.types).toEqual(['auth', 'subscribe', 'ping']);
    expect(second.tokens).toEqual(['token-2']);
    expect(second.lists).toEqual([[whole(boxes), whole({ event_type: 'user_left' })]]);
    expect(errors).toMatchObject([{ name: 'ConnectionLostError', code: 1006 }]);
    second.push('box_purchased', box('r-1', 1));
    await eventually(() => events.length === 1);
  });

  it('has no token asks nothing', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { token: () => null });
    client.setSubscriptions([boxes]);
    await eventually(() => client.state === 'open');
    expect((await server.connection(1, 'subscribe')).types).toEqual(['subscribe']);
  });

  it.each([1000, 1001, 1008, 1011, 1012, 1013])('is closed with %d is made anew', async (code) => {
    const server = await startServer();
    const { client } = connect(server.url);
    await eventually(() => client.state === 'open');
    server.session.socket.close(code);
    await server.connection(2);
    expect(shouldReconnect(code)).toBe(true);
  });

  it('is closed because the user has newer ones stays away, until told otherwise', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url, { token: 'good' });
    client.setSubscriptions([boxes]);
    await eventually(() => client.state === 'open');
    server.session.socket.close(4408, 'Too many connections');
    await eventually(() => client.state === 'failed');
    await turns(5);
    expect(server.sessions).toHaveLength(1);
    expect(errors).toMatchObject([{ name: 'ConnectionLostError', code: 4408, reason: 'Too many connections' }]);
    expect([isTakenOver(4408), shouldReconnect(4408), isTakenOver(4401)]).toEqual([true, false, false]);
    client.connect();
    expect((await server.connection(2, 'subscribe')).tokens).toEqual(['good']);
  });

  it('is refused says why, and is tried again, at once if asked to', async () => {
    const server = await startServer();
    server.refuseWith = 503;
    const { client, errors } = connect(server.url, { baseMs: 60_000, capMs: 60_000, random: () => 0.9 });
    await eventually(() => client.state === 'waiting');
    expect(errors).toMatchObject([{ name: 'ConnectionRefusedError', status: 503 }]);
    expect(client.state).toBe('waiting');
    server.refuseWith = undefined;
    client.connect();
    await client.ready;
  });

  it('is refused for good tells whoever waits, and is tried on', async () => {
    const server = await startServer();
    server.refuseWith = 403;
    const { client } = connect(server.url);
    await expect(client.ready).rejects.toMatchObject({ name: 'ConnectionRefusedError', status: 403 });
    await eventually(() => server.urls.length > 1);
  });
});

describe('a token', () => {
  it('that is refused and a fixed text ends it', async () => {
    const server = await startServer();
    server.refuseToken = () => 'Invalid token';
    const { client, errors, changes } = connect(server.url, { token: 'wrong' });
    await expect(client.ready).rejects.toMatchObject({ name: 'CredentialsRefusedError' });
    expect(client.state).toBe('failed');
    expect(server.sessions).toHaveLength(1);
    expect(errors.map(({ name }) => name)).toEqual(['ConnectionLostError', 'CredentialsRefusedError']);
    expect(errors[0]).toMatchObject({ code: 4401, reason: 'Invalid token' });
    expect(changes.at(-1)).toMatchObject({ state: 'failed', error: errors[1] });
    expect(JSON.stringify(changes) + errors.map(String)).not.toContain('wrong');
    expect(shouldRefreshToken(4401)).toBe(true);
  });

  it('that is refused ends it where its provider has no other', async () => {
    const server = await startServer();
    server.refuseToken = () => 'Token expired';
    const requests: unknown[] = [];
    const { client, errors } = connect(server.url, {
      token: (request) => {
        requests.push(request);
        return 'the same';
      },
    });
    await eventually(() => client.state === 'failed');
    expect(requests).toEqual([{ refresh: false }, { refresh: true }]);
    expect(errors.at(-1)).toMatchObject({ name: 'CredentialsRefusedError' });
    expect(server.sessions).toHaveLength(1);
  });

  it('that is refused is replaced once', async () => {
    const server = await startServer();
    server.refuseToken = (token) => (token === 'old' ? 'Token expired' : undefined);
    const { client, errors } = connect(server.url, { token: ({ refresh }) => (refresh ? 'new' : 'old') });
    await eventually(() => client.state === 'open');
    expect(server.sessions.map(({ tokens }) => tokens)).toEqual([['old'], ['new']]);
    expect(errors).toHaveLength(1);
  });

  it('that replaced a refused one and is refused too ends it', async () => {
    const server = await startServer();
    server.refuseToken = () => 'Invalid token';
    let n = 0;
    const { client } = connect(server.url, { token: () => `token-${++n}` });
    await eventually(() => client.state === 'failed');
    expect(server.sessions.map(({ tokens }) => tokens)).toEqual([['token-1'], ['token-2']]);
  });

  it('may expire again and again', async () => {
    const server = await startServer();
    let n = 0;
    const { client } = connect(server.url, { token: () => `token-${++n}` });
    for (let round = 1; round <= 4; round++) {
      await server.connection(round, 'ping');
      await eventually(() => client.state === 'open');
      server.session.socket.close(4401, 'Token expired');
    }
    await server.connection(5, 'ping');
    expect(server.sessions.flatMap(({ tokens }) => tokens)).toEqual(['1', '2', '3', '4', '5'].map((i) => `token-${i}`));
  });

  it('whose provider fails is asked for again', async () => {
    const server = await startServer();
    let n = 0;
    const token = () => {
      n++;
      if (n < 3) throw new Error('no session yet');
      return 'at last';
    };
    const { client, errors } = connect(server.url, { token });
    await eventually(() => client.state === 'open');
    expect(errors.map(({ cause }) => cause)).toEqual([new Error('no session yet'), new Error('no session yet')]);
    expect(server.session.tokens).toEqual(['at last']);
  });
});

it('the close codes are those of the protocol', () => {
  const codes = Object.values(closeReasons).map(({ code }) => code);
  const { invalidToken, tokenExpired, tooManyConnections } = closeReasons;
  expect([...new Set(codes.filter(shouldRefreshToken))]).toEqual([invalidToken.code]);
  expect(tokenExpired.code).toBe(invalidToken.code);
  expect(codes.filter(isTakenOver)).toEqual([tooManyConnections.code]);
  expect(codes.filter((code) => !shouldReconnect(code))).toEqual([tooManyConnections.code]);
});

describe('a heartbeat', () => {
  it('is sent every 30 s, whatever comes', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, events } = connect(server.url, { clock });
    await eventually(() => client.state === 'open');
    for (let beats = 1; beats <= 3; beats++) {
      await clock.advance(15_000);
      server.session.push('system_alert', { level: 'info', message: 'm', created_at: 't' });
      await eventually(() => events.length === beats);
      await clock.advance(14_999);
      expect(server.session.types).toHaveLength(beats - 1);
      await clock.advance(1);
      await eventually(() => server.session.types.length === beats);
      // The pong has to be there before time goes on.
      server.session.push('system_alert', { level: 'info', message: 'm', created_at: 't' });
      await eventually(() => events.length === beats + 1);
      events.pop();
    }
    expect(server.session.received[0]).toEqual({ message_type: 'ping', data: {} });
  });

  it('that nothing answers means that the server is gone', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, errors } = connect(server.url, { clock, random: () => 0 });
    client.setSubscriptions([boxes]);
    await server.connection(1, 'subscribe');
    server.answersPings = false;
    await clock.advance(30_000);
    await clock.advance(9_999);
    expect(client.state).toBe('open');
    await clock.advance(1);
    await clock.advance(0);
    expect(errors).toMatchObject([{ name: 'TimeoutError', operation: 'a heartbeat', timeoutMs: 10_000 }]);
    await server.connection(2, 'subscribe');
  });
});

describe('many changes', () => {
  const burst = async (wanted: number, token?: string) => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock, ...(token !== undefined && { token }) });
    await eventually(() => client.state === 'open');
    const before = server.session.lists.length;
    for (let n = 1; n <= wanted; n++) {
      client.setSubscriptions([{ event_type: 'all', raffle_id: `r-${n}` }]);
      await turns(1);
    }
    return { server, clock, client, sent: () => server.session.lists.length - before };
  };

  it.each([
    ['nobody', undefined, 15],
    ['a user', 'good', 75],
  ])('of %s are not told as often as would close the connection', async (_who, token, most) => {
    const { server, clock, sent } = await burst(most + 5, token);
    await eventually(() => sent() === most);
    await clock.advance(25_000);
    expect(sent()).toBe(most);
    await clock.advance(35_000);
    await eventually(() => sent() === most + 1);
    expect(server.session.lists.at(-1)).toEqual([whole({ raffle_id: `r-${most + 5}` })]);
    expect(server.session.lists.length).toBe(most + 1);
  });

  it('wait for nothing on a new connection', async () => {
    const { server, clock, sent, client } = await burst(20);
    await eventually(() => sent() === 15);
    server.session.socket.terminate();
    await eventually(() => client.state === 'waiting');
    await clock.advance(16);
    const { lists } = await server.connection(2, 'subscribe');
    expect(lists).toEqual([[whole({ raffle_id: 'r-20' })]]);
    await client.close();
    expect(clock.pending).toBe(0);
  });
});
