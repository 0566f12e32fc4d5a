import { eventually } from '@roomcast/testing';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import type { RegulatorCheckedOut } from '../src/index.js';
import { connect, startServer } from './support/client.js';
import { staysSilent, welcomes } from './support/vmax-server.js';

const checkedOut = {
  regulatorId: 'reg-uuid',
  barcode: 'VMAX-0001',
  playerId: 'player-123',
  firstName: 'John',
  lastName: 'Doe',
  checkoutDateTime: '2026-01-16T12:05:00.000Z',
};

describe('connecting', () => {
  it('brings the token, and is ready at the welcome', async () => {
    const server = await startServer();
    server.onConnect = staysSilent;
    const { client, changes } = connect(server.url, { token: 'a b&c' });
    await eventually(() => client.state === 'authenticating');
    expect(client.status).toBe('connecting');
    welcomes(['fleet:f-1'])(server.session);
    expect(await client.ready).toEqual({
      clientId: 'c-1',
      userId: 'u-1',
      role: 'FLEET_MGR',
      subscriptions: ['fleet:f-1'],
    });
    expect(client.state).toBe('open');
    expect(client.status).toBe('connected');
    expect(client.subscriptions).toEqual(['fleet:f-1']);
    expect(server.upgrades[0]?.pathname).toBe('/ws');
    expect(server.tokens).toEqual(['a b&c']);
    expect(changes.map(({ state, code }) => [state, code])).toEqual([
      ['authenticating', 'opened'],
      ['open', 'accepted'],
    ]);
  });

  it('takes the token and the rest of the query from the url', async () => {
    const server = await startServer();
    const { client } = connect(`${server.url}/ws?token=url-token&region=eu`);
    await client.ready;
    expect(server.tokens).toEqual(['url-token']);
    expect(server.upgrades[0]?.searchParams.get('region')).toBe('eu');
  });
});

describe('events', () => {
  it('come typed with payload and time, and all of them to "all"', async () => {
    const server = await startServer();
    const { client, messages } = connect(server.url);
    const heard: unknown[] = [];
    client.on('REGULATOR_CHECKED_OUT', (payload, timestamp) => {
      expectTypeOf(payload).toEqualTypeOf<RegulatorCheckedOut>();
      heard.push([payload, timestamp]);
    });
    await client.ready;
    server.session.send('REGULATOR_CHECKED_OUT', checkedOut);
    await eventually(() => messages.length === 2);
    expect(heard).toEqual([[checkedOut, '2026-01-16T12:00:00.000Z']]);
    expect(messages.map(({ type }) => type)).toEqual(['CONNECTED', 'REGULATOR_CHECKED_OUT']);
    expect(messages[1]).toEqual({
      type: 'REGULATOR_CHECKED_OUT',
      payload: checkedOut,
      timestamp: '2026-01-16T12:00:00.000Z',
    });
  });

  it('that were lost between instances are told as "missed", which it asks for on each connection', async () => {
    const server = await startServer();
    const { client, errors, messages, opened } = connect(`${server.url}/ws?notify_missed=false`);
    const missed = vi.fn();
    client.on('missed', missed);
    await client.ready;
    server.session.send('EVENTS_MISSED');
    await eventually(() => messages.length === 2);
    expect(missed.mock.calls).toEqual([[undefined]]);
    expect(messages[1]).toEqual({ type: 'EVENTS_MISSED', timestamp: '2026-01-16T12:00:00.000Z' });
    expect(errors).toEqual([]);
    server.session.socket.terminate();
    await opened(2);
    expect(server.upgrades.map(({ searchParams }) => searchParams.getAll('notify_missed'))).toEqual([
      ['true'],
      ['true'],
    ]);
  });

  it('stop coming when they are not wanted any more', async () => {
    const server = await startServer();
    const { client, messages } = connect(server.url);
    let heard = 0;
    const off = client.on('FLEET_UPDATED', () => {
      heard += 1;
    });
    await client.ready;
    server.session.send('FLEET_UPDATED');
    await eventually(() => heard === 1);
    off();
    off();
    server.session.send('FLEET_UPDATED');
    await eventually(() => messages.length === 3);
    expect(heard).toBe(1);
  });

  it('of batch uploads read like those of single ones, also where servers send only the latest', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const telemetry = new Promise((resolve) => client.on('TELEMETRY_RECEIVED', resolve));
    await client.ready;
    server.session.send('TELEMETRY_RECEIVED', {
      regulatorId: 'r-1',
      recordsUploaded: 3,
      latestTimestamp: '2026-01-16T12:10:00.000Z',
      latestSoc: 85,
      latestSoh: 95,
    });
    expect(await telemetry).toMatchObject({
      timestamp: '2026-01-16T12:10:00.000Z',
      soc: 85,
      soh: 95,
      recordsUploaded: 3,
    });
  });

  it.each([
    ['an unknown type', JSON.stringify({ type: 'GAME_OVER', payload: {}, timestamp: 't' }), 'type'],
    ['no JSON', '{"type":', ''],
    ['no object', '[]', ''],
    ['a broken payload', JSON.stringify({ type: 'ERROR', payload: 7, timestamp: 't' }), 'payload'],
  ])('with %s are left out, and told', async (_what, text, path) => {
    const server = await startServer();
    const { client, errors, messages } = connect(server.url);
    await client.ready;
    server.session.sendText(text);
    server.session.send('REGULATOR_CHECKED_OUT', checkedOut);
    await eventually(() => messages.length === 2);
    expect(errors).toMatchObject([{ name: 'ProtocolError', issues: [{ path }] }]);
    expect(client.state).toBe('open');
  });

  it('in binary are left out, and told', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    await client.ready;
    server.session.sendText(Buffer.from('{}'));
    await eventually(() => errors.length === 1);
    expect(errors).toMatchObject([{ name: 'ProtocolError', event: 'a binary message' }]);
  });

  it('do no harm when a listener throws or rejects', async () => {
    const server = await startServer();
    const thrown: unknown[] = [];
    const { client, messages } = connect(server.url, {
      onListenerError: (error, event) => thrown.push([error, event]),
    });
    client.on('CONNECTED', () => {
      throw new Error('first');
    });
    client.on('CONNECTED', () => Promise.reject(new Error('second')));
    await client.ready;
    await eventually(() => thrown.length === 2);
    expect(thrown).toEqual([
      [new Error('first'), 'CONNECTED'],
      [new Error('second'), 'CONNECTED'],
    ]);
    expect(messages).toHaveLength(1);
  });
});

describe('a ping', () => {
  it('measures the way to the server and back', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    const [one, two] = await Promise.all([client.ping(), client.ping()]);
    expect(one).toBeGreaterThan(0);
    expect(two).toBe(one);
    expect(server.session.received).toEqual([{ type: 'PING' }]);
    expect(await client.ping()).not.toBe(one);
  });

  it('needs a connection, and an answer', async () => {
    const server = await startServer();
    server.onMessage = () => {};
    const { client } = connect(server.url, { requestTimeoutMs: 30 });
    await expect(client.ping()).rejects.toMatchObject({ name: 'NotConnectedError', operation: 'PING' });
    await client.ready;
    await expect(client.ping()).rejects.toMatchObject({ name: 'TimeoutError', operation: 'PING', timeoutMs: 30 });
  });

  it('ends with its connection', async () => {
    const server = await startServer();
    server.onMessage = (_message, session) => session.socket.terminate();
    const { client } = connect(server.url);
    await client.ready;
    await expect(client.ping()).rejects.toMatchObject({ name: 'ConnectionLostError', code: 1006 });
  });
});
