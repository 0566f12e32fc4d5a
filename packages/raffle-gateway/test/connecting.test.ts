import { openClient, UpgradeRefused } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { event, events, settle, startGateway, stopAll, until } from './support/server.js';

afterEach(stopAll);

describe('the WebSocket', () => {
  it.each(['/ws', '/api/v1/ws', '/ws?token=unused'])('is at %s', async (path) => {
    const server = await startGateway();
    expect(await settle(await server.client(path))).toEqual([]);
  });

  it.each(['/', '/ws/', '/ws/stats', '/api/v2/ws'])('is not at %s', async (path) => {
    const server = await startGateway();
    await expect(server.client(path)).rejects.toMatchObject({ status: 404 });
  });

  it('is where it is configured to be, beside another one', async () => {
    const server = await startGateway({ name: 'second', paths: '/live' });
    expect(server.gateway.name).toBe('second');
    expect(await settle(await server.client('/live'))).toEqual([]);
  });

  it('both paths have the same events', async () => {
    const server = await startGateway();
    const clients = [await server.client('/ws'), await server.client('/api/v1/ws')];
    for (const client of clients) {
      client.send({ message_type: 'subscribe', data: { subscriptions: [{ event_type: 'all' }] } });
      await settle(client);
    }
    server.publish(event('raffle_full'));
    for (const client of clients) expect(await events(client)).toEqual(['raffle_full']);
  });

  it('is refused to pages of other origins', async () => {
    const server = await startGateway();
    const options = (origin: string) => ({ headers: { Origin: origin } });
    await openClient(`${server.ws}/ws`, options(server.http));
    const refused = await openClient(`${server.ws}/ws`, options('https://evil.example')).catch((error) => error);
    expect(refused).toBeInstanceOf(UpgradeRefused);
    expect(refused.status).toBe(403);
  });

  it('tells of each connection in the log, at level debug', async () => {
    const server = await startGateway();
    const client = await server.signedIn({ sub: 'u-1' });
    await client.close(1000);
    await until(() => expect(server.gateway.mount.sessions.size).toBe(0));
    const lines = server.logger.lines.filter(({ level }) => level === 'debug');
    expect(lines.map(({ message }) => message)).toEqual(['connected', 'authenticated', 'disconnected']);
    expect(lines.map(({ fields }) => fields)).toMatchObject([
      { ip: '127.0.0.1' },
      { user: 'u-1', role: 'User' },
      { user: 'u-1', code: 1000 },
    ]);
  });
});
