import { eventually } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ClientClosedError, type KillmailsClient } from '../src/index.js';
import { connect, startServer, update } from './support/client.js';

async function isClosed(client: KillmailsClient): Promise<void> {
  expect(client.state).toBe('closed');
  for (const request of [
    client.subscribe([1]),
    client.unsubscribe([1]),
    client.subscribeCharacters([1]),
    client.status(),
  ]) {
    await expect(request).rejects.toBeInstanceOf(ClientClosedError);
  }
  expect(await client.kills().next()).toEqual({ done: true, value: undefined });
  await client.close();
}

/** Long enough for a client that still had a timer to come back. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 60));

describe('closing', () => {
  it('leaves, closes with 1000 and stays away', async () => {
    const server = await startServer();
    const { client, changes, errors } = connect(server.url);
    await client.ready;
    const { session } = server;
    await client.close();
    await eventually(() => session.closedWith);
    expect(session.closedWith).toBe(1000);
    expect(server.payloads('phx_leave')).toHaveLength(1);
    await aWhile();
    expect(server.upgrades).toHaveLength(1);
    expect(changes.at(-1)).toEqual({ state: 'closed', previous: 'live' });
    expect(errors).toEqual([]);
    await isClosed(client);
  });

  it('ends what is pending', async () => {
    const server = await startServer();
    server.answer = ({ event }) => (event === 'phx_join' ? undefined : 'silence');
    const { client } = connect(server.url);
    await client.ready;
    const pending = [client.subscribe([1]), client.status()];
    const loop = client.kills().next();
    await server.payload('get_status');
    const closing = client.close();
    for (const request of pending) await expect(request).rejects.toBeInstanceOf(ClientClosedError);
    expect(await loop).toEqual({ done: true, value: undefined });
    await closing;
  });

  it('at once never connects', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    await client.close();
    await expect(client.ready).rejects.toBeInstanceOf(ClientClosedError);
    await aWhile();
    expect(server.upgrades).toEqual([]);
    expect(errors).toEqual([]);
    await isClosed(client);
  });

  it('while the token is being fetched never connects', async () => {
    const server = await startServer();
    let give: (token: string) => void = () => {};
    const { client } = connect(server.url, {
      token: () =>
        new Promise<string>((resolve) => {
          give = resolve;
        }),
    });
    await aWhile();
    await client.close();
    give('too-late');
    await aWhile();
    expect(server.upgrades).toEqual([]);
    await isClosed(client);
  });

  it('during the handshake abandons it without an error', async () => {
    const server = await startServer();
    server.refuse = 'hang';
    const { client, errors } = connect(server.url);
    await eventually(() => server.upgrades.length === 1);
    await client.close();
    await aWhile();
    expect(errors).toEqual([]);
    expect(server.upgrades).toHaveLength(1);
    await isClosed(client);
  });

  it('during the join', async () => {
    const server = await startServer();
    server.answer = () => 'silence';
    const { client, errors } = connect(server.url);
    await server.payload('phx_join');
    await client.close();
    await aWhile();
    expect(errors).toEqual([]);
    await isClosed(client);
  });

  it('while it waits to connect or to join again', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { random: () => 0.9, baseMs: 40, capMs: 40 });
    await client.ready;
    server.session.socket.terminate();
    await eventually(() => client.state === 'waiting');
    await client.close();
    const other = connect(server.url, { random: () => 0.9, baseMs: 40, capMs: 40 });
    await other.client.ready;
    server.session.endChannel('phx_close');
    await eventually(() => other.client.state === 'waiting');
    await other.client.close();
    await aWhile();
    expect(server.upgrades).toHaveLength(2);
    expect(server.payloads('phx_join')).toHaveLength(2);
    await isClosed(client);
    await isClosed(other.client);
  });

  it.each(['error', 'connection', 'killmail'] as const)('from within a listener for %s stays closed', async (event) => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    const told = new Promise<void>((resolve) => {
      client.on(event, () => {
        void client.close();
        void client.close();
        resolve();
      });
    });
    if (event === 'killmail') server.session.push('killmail_update', update(30000142, 1));
    else server.session.socket.terminate();
    await told;
    await aWhile();
    expect(server.upgrades).toHaveLength(1);
    await isClosed(client);
  });

  it('at one kill is the last of the kills', async () => {
    const server = await startServer();
    const { client, kills } = connect(server.url);
    await client.ready;
    client.on('killmail', () => void client.close());
    server.session.push('killmail_update', update(30000142, 1, 2));
    await eventually(() => client.state === 'closed');
    await aWhile();
    expect(kills.map(({ killmail_id }) => killmail_id)).toEqual([1]);
  });

  it('twice is closing once', async () => {
    const server = await startServer();
    const { client, changes } = connect(server.url);
    await client.ready;
    await Promise.all([client.close(), client.close()]);
    expect(changes.filter(({ state }) => state === 'closed')).toHaveLength(1);
  });
});
