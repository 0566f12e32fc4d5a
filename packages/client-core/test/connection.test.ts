import { turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ClientOptionsError, CredentialsRefusedError, type TokenRequest } from '../src/index.js';
import { harness } from './support/harness.js';

describe('connecting', () => {
  it('goes through named states, each with its reason', async () => {
    const { connection, changes, connect } = harness();
    expect([connection.state, connection.status]).toEqual(['idle', 'disconnected']);
    await connect();
    await connection.close();
    expect(changes.map(({ previous, state, code }) => [previous, state, code])).toEqual([
      ['idle', 'connecting', 'started'],
      ['connecting', 'authenticating', 'opened'],
      ['authenticating', 'open', 'accepted'],
      ['open', 'closed', 'closed'],
    ]);
    expect(changes.every(({ reason }) => reason !== '')).toBe(true);
    expect([connection.state, connection.status]).toEqual(['closed', 'disconnected']);
  });

  it('happens once, however often it is asked for', async () => {
    const { connection, network, connect } = harness();
    await connect();
    connection.connect();
    await turns(1);
    expect(network.sockets).toHaveLength(1);
  });

  it('asks for the place and the token anew each time', async () => {
    let n = 0;
    const { network, connect, reconnect } = harness({
      token: async () => `token-${++n}`,
      target: (token) => ({ url: `ws://server-${n}/path?token=${token}` }),
    });
    await connect();
    network.socket.end(1006);
    await reconnect();
    expect(network.sockets.map(({ url }) => url)).toEqual([
      'ws://server-1/path?token=token-1',
      'ws://server-2/path?token=token-2',
    ]);
  });

  it('waits for the server where it has to, with the token at hand', async () => {
    const seen: unknown[] = [];
    const { connection, network, connect } = harness({
      token: 'secret',
      authenticate: (token) => {
        seen.push(token);
        connection.transmit(`auth ${token}`);
        return 'wait';
      },
    });
    await connect();
    expect(connection.state).toBe('authenticating');
    expect(connection.status).toBe('connecting');
    expect(network.socket.sent).toEqual(['auth secret']);
    connection.accepted();
    expect(connection.state).toBe('open');
    expect(seen).toEqual(['secret']);
  });

  it.each(['token', 'handshake', 'authentication'] as const)('gives up on a %s that takes too long', async (slow) => {
    const { connection, network, clock, errors, changes } = harness({
      token: slow === 'token' ? () => new Promise(() => {}) : 'secret',
      authenticate: () => 'wait',
    });
    connection.connect();
    await turns(1);
    if (slow === 'authentication') network.socket.open();
    await clock.advance(10_000);
    expect(errors).toMatchObject([{ name: 'TimeoutError', timeoutMs: 10_000 }]);
    expect(changes.at(-1)).toMatchObject({ state: 'waiting', code: 'timed-out', error: errors[0], retryInMs: 250 });
    expect(network.live).toEqual([]);
    expect(clock.timers.pending).toBe(1);
  });

  it('takes no notice of a token that comes too late', async () => {
    let give = (_token: string) => {};
    const { connection, network, clock } = harness({
      token: () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    });
    connection.connect();
    await clock.advance(10_000);
    expect(connection.state).toBe('waiting');
    give('late');
    await turns(1);
    expect(network.sockets).toEqual([]);
  });

  it('can be hurried while it waits', async () => {
    const { connection, network, clock, connect } = harness();
    await connect();
    network.socket.end(1006);
    connection.connect();
    await turns(1);
    expect(connection.state).toBe('connecting');
    expect(network.sockets).toHaveLength(2);
    expect(clock.timers.pending).toBe(1);
  });

  it('tells of a provider that throws, and asks it again', async () => {
    const answers = [Promise.reject(new Error('offline')), Promise.resolve('secret')];
    const { connection, errors, network, clock } = harness({ token: () => answers.shift() ?? 'more' });
    connection.connect();
    await turns(1);
    expect(errors).toMatchObject([{ name: 'ConnectionRefusedError', cause: { message: 'offline' } }]);
    await clock.advance(250);
    expect(network.sockets).toHaveLength(1);
  });

  it('shows nothing of the query, which may hold a token', async () => {
    const { connection, errors, network, changes } = harness({
      token: 'secret',
      target: (token) => ({ url: `wss://server:8443/a/b?token=${token}` }),
    });
    connection.connect();
    await turns(1);
    network.socket.fail();
    expect(errors[0]?.message).toBe('wss://server:8443/a/b could not be reached: connect ECONNREFUSED');
    expect(JSON.stringify(changes)).not.toContain('secret');
  });
});

describe('back-off', () => {
  it('grows up to its cap, and starts anew only after a connection that held', async () => {
    const { connection, network, clock, changes, reconnect } = harness({ baseMs: 100, capMs: 400, minUptimeMs: 1_000 });
    const waits = () => changes.filter(({ state }) => state === 'waiting').map(({ retryInMs }) => retryInMs);
    connection.connect();
    for (let n = 0; n < 3; n++) {
      await clock.advance(changes.at(-1)?.retryInMs ?? 0);
      network.socket.fail();
    }
    await reconnect();
    expect(connection.state).toBe('open');
    await clock.advance(999);
    network.socket.end(1006);
    expect(waits()).toEqual([50, 100, 200, 200]);
    await reconnect();
    await clock.advance(1_000);
    network.socket.end(1006);
    expect(waits().at(-1)).toBe(50);
  });

  it('is not needed where connecting again would end the same way', async () => {
    const { connection, network, errors, changes, clock, connect } = harness();
    await connect();
    connection.send('lost');
    network.socket.end(1003, 'texts only');
    expect(connection.state).toBe('failed');
    expect(changes.at(-1)).toMatchObject({ state: 'failed', code: 'lost', error: errors[0] });
    expect(errors).toMatchObject([{ name: 'ConnectionLostError', code: 1003, reason: 'texts only' }]);
    expect(clock.timers.pending).toBe(0);
    expect(connection.send('more')).toBe('closed');
    connection.connect();
    expect(connection.state).toBe('failed');
    await connection.close();
    expect(connection.state).toBe('closed');
  });
});

describe('a refused token', () => {
  const policy = { shouldRefreshToken: ({ code }: { code: number }) => code === 4002 };

  it('is replaced at once, and only then', async () => {
    const requests: TokenRequest[] = [];
    const token = (request: TokenRequest) => `token-${requests.push(request)}`;
    const { network, changes, connect, reconnect } = harness({ token, policy });
    await connect();
    network.socket.end(1006);
    await reconnect();
    network.socket.end(4002, 'Invalid token');
    expect(changes.at(-1)).toMatchObject({ state: 'waiting', retryInMs: 0 });
    await reconnect();
    network.socket.end(1006);
    await reconnect();
    expect(requests.map(({ refresh }) => refresh)).toEqual([false, false, true, false]);
  });

  it('again and again is asked for ever more slowly', async () => {
    const { network, changes, connect, reconnect } = harness({ token: () => 'bad', policy, baseMs: 100, capMs: 800 });
    await connect();
    for (let n = 0; n < 5; n++) {
      network.socket.end(4002);
      await reconnect();
    }
    const waits = changes.filter(({ state }) => state === 'waiting').map(({ retryInMs }) => retryInMs);
    expect(waits).toEqual([0, 100, 200, 400, 400]);
  });

  it('after a connection that held is replaced at once each time', async () => {
    const { clock, network, changes, connect, reconnect } = harness({ token: () => 'short-lived', policy });
    await connect();
    for (let n = 0; n < 3; n++) {
      await clock.advance(900_000);
      network.socket.end(4002);
      expect(changes.at(-1)).toMatchObject({ state: 'waiting', retryInMs: 0 });
      await reconnect();
    }
  });

  it('is still to be replaced when that did not work', async () => {
    const requests: TokenRequest[] = [];
    const { network, connect, clock, reconnect } = harness({
      policy,
      token: (request) => {
        if (requests.push(request) === 2) throw new Error('offline');
        return 'token';
      },
    });
    await connect();
    network.socket.end(4002);
    await clock.advance(0);
    await reconnect();
    expect(requests.map(({ refresh }) => refresh)).toEqual([false, true, true]);
  });

  it('that is a fixed text ends it', async () => {
    const { connection, network, errors, connect } = harness({ token: 'fixed', policy });
    await connect();
    network.socket.end(4002, 'Invalid token');
    expect(connection.state).toBe('failed');
    expect(errors).toMatchObject([{ name: 'CredentialsRefusedError', message: expect.stringContaining('fixed text') }]);
  });

  it('ends it when its provider says so', async () => {
    const refused = new CredentialsRefusedError('wrong password');
    const { connection, errors, changes, clock } = harness({ token: () => Promise.reject(refused) });
    connection.connect();
    await turns(1);
    expect(connection.state).toBe('failed');
    expect(errors).toEqual([refused]);
    expect(changes.at(-1)).toMatchObject({ code: 'refused', reason: 'wrong password', error: refused });
    expect(clock.timers.pending).toBe(0);
  });
});

describe('sending', () => {
  it('waits for the connection, in order, behind what is restored, and happens once', async () => {
    const { connection, network, connect, reconnect, changes } = harness();
    expect([connection.send('1'), connection.send('2')]).toEqual(['queued', 'queued']);
    const push = changes.push.bind(changes);
    changes.push = (change) => {
      if (change.state === 'open') {
        connection.transmit('restored');
        connection.send('3');
      }
      return push(change);
    };
    await connect();
    expect(connection.send('4')).toBe('sent');
    expect(network.socket.sent).toEqual(['restored', '1', '2', '3', '4']);
    network.socket.end(1006);
    await reconnect();
    expect(network.socket.sent).toEqual(['restored', '3']);
  });

  it('refuses, and says so, what there is no room for', async () => {
    const { connection, network, errors, connect } = harness({ maxQueued: 2 });
    expect(['1', '2', '3'].map((text) => connection.send(text))).toEqual(['queued', 'queued', 'refused']);
    expect(errors).toMatchObject([{ name: 'QueueFullError', option: 'maxQueued', limit: 2 }]);
    expect(connection.queued).toBe(2);
    await connect();
    expect(network.socket.sent).toEqual(['1', '2']);
  });

  it('refuses to fill a socket that takes nothing', async () => {
    const { connection, network, errors, connect } = harness({ maxBufferedBytes: 1_000 });
    await connect();
    network.socket.bufferedAmount = 1_000;
    expect(connection.send('1')).toBe('refused');
    expect(errors).toMatchObject([{ name: 'QueueFullError', option: 'maxBufferedBytes' }]);
  });

  it('now or never does not queue', async () => {
    const { connection, network, connect } = harness();
    expect(connection.transmit('1')).toBe(false);
    await connect();
    expect(connection.transmit('2')).toBe(true);
    expect(network.socket.sent).toEqual(['2']);
  });
});

describe('a peer that is gone without a word', () => {
  it('is noticed by its silence', async () => {
    const { connection, network, clock, errors, changes, connect } = harness({
      heartbeat: { intervalMs: 25_000, timeoutMs: 10_000, beat: () => connection.transmit('ping') },
    });
    await connect();
    await clock.advance(25_000);
    network.socket.message('pong');
    await clock.advance(25_000);
    expect(network.socket.sent).toEqual(['ping', 'ping']);
    await clock.advance(10_000);
    expect(errors).toMatchObject([{ name: 'TimeoutError', operation: 'a heartbeat', timeoutMs: 10_000 }]);
    expect(changes.at(-1)).toMatchObject({ state: 'waiting', code: 'unresponsive' });
    expect(network.live).toEqual([]);
  });
});

describe('a message', () => {
  it('that cannot be handled does no harm', async () => {
    const { connection, network, errors, messages, connect } = harness();
    await connect();
    messages.push = () => {
      throw new Error('a bug');
    };
    network.socket.message('1');
    expect(errors).toMatchObject([{ name: 'ClientError', cause: { message: 'a bug' } }]);
    expect(connection.state).toBe('open');
  });
});

describe('closing', () => {
  it('is final and polite', async () => {
    const { connection, network, clock, connect } = harness();
    await connect();
    const done = connection.close();
    expect(connection.close()).toBe(done);
    await done;
    connection.connect();
    await turns(1);
    expect(network.sockets.map(({ closedWith, listeners }) => [closedWith, listeners])).toEqual([[1000, 0]]);
    expect(clock.timers.pending).toBe(0);
  });

  it('does not wait for a peer that never agrees', async () => {
    const { connection, network, clock, connect, errors } = harness();
    await connect();
    network.agreesToClose = false;
    const done = connection.close();
    await clock.advance(2_000);
    await done;
    await turns(1);
    expect(network.socket).toMatchObject({ state: 'closed', listeners: 0 });
    expect(clock.timers.pending).toBe(0);
    expect(errors).toEqual([]);
  });

  it.each(['connecting', 'authenticating', 'open', 'waiting', 'failed'])(
    'from a listener that is told of %s works',
    async (state) => {
      const { connection, network, clock, changes, errors } = harness({ authenticate: () => 'wait' });
      const push = changes.push.bind(changes);
      changes.push = (change) => {
        push(change);
        if (change.state === state) void connection.close();
        return 0;
      };
      connection.connect();
      await turns(1);
      network.sockets[0]?.open();
      connection.accepted();
      network.sockets[0]?.end(state === 'failed' ? 1003 : 1006);
      await turns(1);
      await connection.close();
      expect(changes.at(-1)?.state).toBe('closed');
      expect(connection.state).toBe('closed');
      expect(network.live).toEqual([]);
      expect(clock.timers.pending).toBe(0);
      expect(errors).toEqual([]);
    },
  );

  it('as soon as it connects asks nobody for a token', async () => {
    let asked = 0;
    const { connection, changes } = harness({ token: () => `token ${++asked}` });
    changes.push = () => {
      void connection.close();
      return 0;
    };
    connection.connect();
    await turns(1);
    expect(asked).toBe(0);
  });

  it('before connecting leaves nothing to do', async () => {
    const { connection, network } = harness();
    await connection.close();
    connection.connect();
    expect(connection.send('1')).toBe('closed');
    await turns(1);
    expect(network.sockets).toEqual([]);
  });
});

describe('a constructor that throws', () => {
  it('is a refusal like any other', async () => {
    const { connection, errors } = harness({
      open: () => {
        throw new ClientOptionsError('WebSocket', 'expected one');
      },
    });
    connection.connect();
    await turns(1);
    expect(errors).toMatchObject([
      { name: 'ConnectionRefusedError', message: expect.stringContaining('expected one') },
    ]);
    expect(connection.state).toBe('waiting');
  });
});
