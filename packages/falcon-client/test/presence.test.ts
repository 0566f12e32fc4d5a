import { eventually, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { connect, startServer } from './support/client.js';

describe('followPresence', () => {
  it('asks once for all who follow, keeps what is told, and forgets with the last', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const stops = [client.followPresence('bob', 'eve'), client.followPresence('bob')];
    await eventually(() => client.presence.size === 2);
    server.session.push('presence', { userId: 'bob', status: 'away', metadata: { since: 5 } });
    server.session.push('presence', { userId: 'a stranger', status: 'online' });
    await eventually(() => client.presence.get('bob')?.status === 'away');
    expect([...client.presence.keys()]).toEqual(['bob', 'eve']);
    expect(client.presence.get('bob')).toEqual({ userId: 'bob', status: 'away', metadata: { since: 5 } });
    for (const stop of stops) stop();
    stops[0]?.();
    await server.connection(1, 'unsubscribe_presence bob eve');
    expect(client.presence.size).toBe(0);
    client.followPresence('bob');
    await eventually(() => client.presence.size === 1);
    expect(server.session.told).toEqual([
      'subscribe_presence bob eve',
      'unsubscribe_presence bob eve',
      'subscribe_presence bob',
    ]);
  });

  it('is restored after a reconnection, with what one has said of oneself', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    client.followPresence('bob');
    await client.updatePresence('away', { metadata: { mood: 'tired' } });
    server.session.socket.terminate();
    await opened(2);
    await server.connection(2, 'subscribe_presence bob', 'presence away');
    expect(server.session.received.find(({ type }) => type === 'presence')).toMatchObject({
      data: { userId: 'ada', status: 'away', metadata: { mood: 'tired' } },
    });
  });

  it('is forgotten where it ends while there is no connection', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    const stop = client.followPresence('bob');
    client.followPresence('eve');
    await eventually(() => client.presence.size === 2);
    server.refuseWith = () => 503;
    server.session.socket.terminate();
    await eventually(() => client.state !== 'open');
    stop();
    await turns(5);
    expect([...client.presence.keys()]).toEqual(['eve']);
    server.refuseWith = () => undefined;
    await opened(2);
    await server.connection(2, 'subscribe_presence eve');
    expect([...client.presence.keys()]).toEqual(['eve']);
  });

  it('asks for many in parts that servers take', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    client.followPresence(...Array.from({ length: 120 }, (_, index) => `user-${index}`));
    await eventually(() => client.presence.size === 120);
    const parts = server.session.told.map((text) => text.split(' ').length - 1);
    expect(parts).toEqual([50, 50, 20]);
  });

  it('refuses what is no id, and tells what the server refuses', async () => {
    const server = await startServer();
    server.refuse = ({ type }) => (type === 'system' ? 'too_many_presences' : undefined);
    const { client, errors } = connect(server.url);
    expect(() => client.followPresence('bob', '')).toThrow('option userIds: expected ids, got ""');
    client.followPresence('bob');
    await eventually(() => errors.length === 1);
    expect(errors).toMatchObject([{ code: 'too_many_presences', operation: 'subscribe_presence' }]);
    expect(server.session.told).toEqual(['subscribe_presence bob']);
  });
});

describe('updatePresence', () => {
  it('waits for the first connection to know who one is', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.updatePresence('online');
    expect(server.session.told).toEqual(['presence online']);
    expect(client.userId).toBe('ada');
  });

  it('is repeated as another tab has said it since, where one follows oneself', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    client.followPresence('ada');
    await client.updatePresence('away');
    const said = { userId: 'ada', status: 'online', metadata: { tab: 2 } };
    server.session.push('presence', said);
    await eventually(() => client.presence.get('ada')?.status === 'online');
    server.session.socket.terminate();
    await opened(2);
    const session = await server.connection(2, 'presence online');
    expect(session.received.find(({ type }) => type === 'presence')).toMatchObject({ data: said });
  });

  it('is not forgotten for what the server says before it was repeated', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    client.followPresence('ada');
    await client.updatePresence('away');
    server.answers = ({ type }) => type === 'system';
    server.session.socket.terminate();
    // What somebody who was gone for long is, and tells to be no more.
    await server.connection(2, 'subscribe_presence ada', 'presence away');
    await eventually(() => client.presence.get('ada')?.status === 'online');
    server.session.socket.terminate();
    await server.connection(3, 'presence away');
  });

  it('is not repeated where the server refused it', async () => {
    const server = await startServer();
    server.refuse = ({ type }) => (type === 'presence' ? 'forbidden_user' : undefined);
    const { client, opened } = connect(server.url);
    await expect(client.updatePresence('away', { userId: 'bob' })).rejects.toMatchObject({ code: 'forbidden_user' });
    server.session.socket.terminate();
    await opened(2);
    await turns(5);
    expect(server.session.told).toEqual([]);
  });
});
