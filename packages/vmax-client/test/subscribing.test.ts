import { eventually } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { connect, startServer } from './support/client.js';
import { answers, forbids, ignores, type Received, type Session, welcomes } from './support/vmax-server.js';

describe('subscribing', () => {
  it('resolves when the server has confirmed it', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    await client.ready;
    await client.subscribeToFleet('f-1');
    await client.subscribeToRegulator('r-1');
    expect(client.subscriptions).toEqual(['fleet:f-1', 'regulator:r-1']);
    await client.unsubscribeFromFleet('f-1');
    await client.unsubscribeFromRegulator('r-1');
    expect(client.subscriptions).toEqual([]);
    expect(server.session.received).toEqual([
      { type: 'SUBSCRIBE', payload: { channel: 'fleet', fleetId: 'f-1' } },
      { type: 'SUBSCRIBE', payload: { channel: 'regulator', regulatorId: 'r-1' } },
      { type: 'UNSUBSCRIBE', payload: { channel: 'fleet', fleetId: 'f-1' } },
      { type: 'UNSUBSCRIBE', payload: { channel: 'regulator', regulatorId: 'r-1' } },
    ]);
    expect(errors).toEqual([]);
  });

  it('may begin before there is a connection, once however often it is wished', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await Promise.all([client.subscribeToFleet('f-1'), client.subscribeToFleet('f-1'), client.subscribeToFleet('f-2')]);
    expect(server.session.asked).toEqual(['SUBSCRIBE fleet:f-1', 'SUBSCRIBE fleet:f-2']);
  });

  it('that is taken back before the server heard of it rejects', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const subscribed = client.subscribeToFleet('f-1');
    const unsubscribed = client.unsubscribeFromFleet('f-1');
    await expect(subscribed).rejects.toMatchObject({ name: 'OvertakenError', operation: 'SUBSCRIBE fleet:f-1' });
    await unsubscribed;
    expect(server.session.asked).toEqual(['UNSUBSCRIBE fleet:f-1']);
  });

  it('and the opposite, in quick succession, are each answered', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    await Promise.all([
      client.subscribeToFleet('f-1'),
      client.unsubscribeFromFleet('f-1'),
      client.subscribeToFleet('f-1'),
    ]);
    expect(client.subscriptions).toEqual(['fleet:f-1']);
  });

  it.each([undefined, '', 'a\nb', 'x'.repeat(129)])('refuses what can be no id: %j', async (id) => {
    const server = await startServer();
    const { client } = connect(server.url);
    await expect(client.subscribeToFleet(id as string)).rejects.toMatchObject({
      name: 'ClientOptionsError',
      option: 'fleetId',
    });
    await expect(client.unsubscribeFromRegulator(id as string)).rejects.toMatchObject({ option: 'regulatorId' });
  });

  it('that gets no answer times out, and is still wanted', async () => {
    const server = await startServer();
    server.onMessage = ignores;
    const { client, errors } = connect(server.url, { requestTimeoutMs: 40 });
    await client.ready;
    await expect(client.subscribeToFleet('f-1')).rejects.toMatchObject({
      name: 'TimeoutError',
      operation: 'SUBSCRIBE fleet:f-1',
    });
    expect(client.subscriptions).toEqual(['fleet:f-1']);
    expect(errors).toEqual([]);
  });
});

describe('what the server does not allow', () => {
  it('rejects with its words, and is not wanted any more', async () => {
    const server = await startServer();
    server.onMessage = forbids('f-2', 'r-2');
    const { client, errors } = connect(server.url);
    await client.ready;
    await client.subscribeToFleet('f-1');
    await expect(client.subscribeToFleet('f-2')).rejects.toMatchObject({
      name: 'RequestRejectedError',
      operation: 'SUBSCRIBE fleet:f-2',
      reason: 'Not authorized to subscribe to this fleet',
    });
    await expect(client.subscribeToRegulator('r-2')).rejects.toMatchObject({
      reason: 'Not authorized to subscribe to this regulator',
    });
    expect(client.subscriptions).toEqual(['fleet:f-1']);
    expect(errors).toEqual([]);
  });

  it('is told from what it does, though an error does not say what it is about', async () => {
    const server = await startServer();
    server.onMessage = forbids('f-2', 'f-4', 'r-1');
    const { client, errors } = connect(server.url);
    await client.ready;
    const results = await Promise.allSettled([
      ...['f-1', 'f-2', 'f-3', 'f-4', 'f-5'].map((id) => client.subscribeToFleet(id)),
      ...['r-1', 'r-2'].map((id) => client.subscribeToRegulator(id)),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(client.subscriptions).toEqual(['fleet:f-1', 'fleet:f-3', 'fleet:f-5', 'regulator:r-2']);
    expect(errors).toEqual([]);
  });

  it('is told so from a server too that answers out of order', async () => {
    const server = await startServer();
    const held: Received[] = [];
    server.onMessage = (message, session) => {
      held.push(message);
      if (held.length === 3) for (const one of held.reverse()) forbids('f-1')(one, session);
    };
    const { client } = connect(server.url);
    await client.ready;
    const results = await Promise.allSettled(['f-1', 'f-2', 'f-3'].map((id) => client.subscribeToFleet(id)));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  it('is told when it is the only thing asked, whatever the words', async () => {
    const server = await startServer();
    server.onMessage = (_message, session) => session.send('ERROR', { message: 'Fleet service unavailable' });
    const { client } = connect(server.url);
    await client.ready;
    await expect(client.subscribeToFleet('f-1')).rejects.toMatchObject({ reason: 'Fleet service unavailable' });
  });

  it('limits how many there are', async () => {
    const server = await startServer();
    server.onMessage = (message, session) => {
      if (session.asked.length > 2) session.send('ERROR', { message: 'Too many subscriptions (max: 2)' });
      else answers(message, session);
    };
    const { client } = connect(server.url);
    const results = await Promise.allSettled([
      client.subscribeToFleet('f-1'),
      client.subscribeToFleet('f-2'),
      client.subscribeToRegulator('r-1'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  it('is an error event where nobody asked for it', async () => {
    const server = await startServer();
    const { client, errors, messages } = connect(server.url);
    await client.ready;
    server.session.send('ERROR', { message: 'Fleet service unavailable' });
    server.session.send('ERROR', { message: 'Something else' });
    await eventually(() => errors.length === 2);
    expect(errors).toMatchObject([
      { name: 'ServerError', reason: 'Fleet service unavailable' },
      { name: 'ServerError', reason: 'Something else' },
    ]);
    expect(messages.map(({ type }) => type)).toEqual(['CONNECTED', 'ERROR', 'ERROR']);
  });

  it('does not pile up in the client, whatever a server says', async () => {
    const server = await startServer();
    server.onMessage = ignores;
    const { client, errors } = connect(server.url);
    await client.ready;
    const waiting = Promise.allSettled([client.subscribeToFleet('f-1'), client.subscribeToFleet('f-2')]);
    await server.asked(2);
    for (let n = 0; n < 5; n++) server.session.send('ERROR', { message: `Invalid payload.fleetId: number ${n}` });
    await eventually(() => errors.length === 3);
    await client.disconnect();
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('after a reconnection', () => {
  it('everything wanted is asked for once, and nothing else', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    await client.ready;
    await client.subscribeToFleet('f-1');
    await client.subscribeToFleet('f-2');
    await client.subscribeToRegulator('r-1');
    await client.unsubscribeFromFleet('f-2');
    for (let times = 2; times <= 3; times++) {
      server.session.socket.terminate();
      await opened(times);
      await client.ping();
      expect(server.session.asked).toEqual(['SUBSCRIBE fleet:f-1', 'SUBSCRIBE regulator:r-1']);
    }
  });

  it("the own fleet is not heard again if it wasn't wanted", async () => {
    const server = await startServer();
    server.onConnect = welcomes(['fleet:own']);
    const { client, opened } = connect(server.url);
    await client.ready;
    expect(client.subscriptions).toEqual(['fleet:own']);
    await client.unsubscribeFromFleet('own');
    server.session.socket.terminate();
    await opened(2);
    expect(await server.asked(1)).toEqual(['UNSUBSCRIBE fleet:own']);
    expect(client.subscriptions).toEqual([]);
    await client.subscribeToFleet('own');
    server.session.socket.terminate();
    await opened(3);
    expect(await server.asked(1)).toEqual(['SUBSCRIBE fleet:own']);
  });

  it('what was asked and not answered is answered by it', async () => {
    const server = await startServer();
    server.onMessage = (_message, session) => session.socket.terminate();
    const { client, opened } = connect(server.url);
    await client.ready;
    const subscribed = client.subscribeToFleet('f-1');
    await server.asked(1);
    server.onMessage = answers;
    await subscribed;
    await opened(2);
    expect(server.session.asked).toEqual(['SUBSCRIBE fleet:f-1']);
  });

  it('what is not allowed any more is an error, and not asked for again', async () => {
    const server = await startServer();
    const { client, errors, opened } = connect(server.url);
    await client.ready;
    await client.subscribeToFleet('f-1');
    await client.subscribeToFleet('f-2');
    server.onMessage = forbids('f-1');
    server.session.socket.terminate();
    await opened(2);
    await eventually(() => errors.some(({ name }) => name === 'RequestRejectedError'));
    expect(errors.at(-1)).toMatchObject({ operation: 'SUBSCRIBE fleet:f-1' });
    server.session.socket.terminate();
    await opened(3);
    await client.ping();
    expect(server.session.asked).toEqual(['SUBSCRIBE fleet:f-2']);
  });

  it('what is not confirmed is an error', async () => {
    const server = await startServer();
    const { client, errors, opened } = connect(server.url, { requestTimeoutMs: 60 });
    await client.ready;
    await client.subscribeToFleet('f-1');
    server.onMessage = ignores;
    server.session.socket.terminate();
    await opened(2);
    await eventually(() => errors.some(({ name }) => name === 'TimeoutError'));
    expect(errors.at(-1)).toMatchObject({ operation: 'SUBSCRIBE fleet:f-1' });
    expect(client.subscriptions).toEqual(['fleet:f-1']);
  });

  it('a subscription that the server took back on its own is asked for again', async () => {
    const server = await startServer();
    const { client, messages, opened } = connect(server.url);
    await client.ready;
    await client.subscribeToRegulator('r-1');
    server.session.send('UNSUBSCRIBED', { channel: 'regulator', regulatorId: 'r-1' });
    await eventually(() => messages.some(({ type }) => type === 'UNSUBSCRIBED'));
    server.session.socket.terminate();
    await opened(2);
    expect(await server.asked(1)).toEqual(['SUBSCRIBE regulator:r-1']);
  });
});

describe('disconnecting', () => {
  it('rejects whatever waits, and what comes later', async () => {
    const server = await startServer();
    server.onMessage = (_message: Received, _session: Session) => {};
    const { client, errors } = connect(server.url);
    await client.ready;
    const waiting = [client.subscribeToFleet('f-1'), client.ping()];
    const settled = Promise.allSettled(waiting);
    await server.asked(1);
    await client.disconnect();
    await client.disconnect();
    for (const result of await settled) {
      expect(result).toMatchObject({ status: 'rejected', reason: { name: 'ClientClosedError' } });
    }
    await expect(client.subscribeToFleet('f-2')).rejects.toMatchObject({ name: 'ClientClosedError' });
    await expect(client.ping()).rejects.toMatchObject({ name: 'ClientClosedError' });
    expect(client.state).toBe('closed');
    expect(client.status).toBe('disconnected');
    await eventually(() => server.session.closedWith === 1000);
    expect(server.sessions).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('before the welcome rejects ready', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.disconnect();
    await expect(client.ready).rejects.toMatchObject({ name: 'ClientClosedError' });
  });
});
