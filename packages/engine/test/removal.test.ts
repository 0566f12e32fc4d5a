import { eventually, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { ask, json, type RawData, rawServer } from './support/raw-wire.js';

const echo = { t: 'echo', data: 1 };

describe('disconnecting', () => {
  it('an identity ends all its connections and no other', async () => {
    const server = await rawServer();
    const [one, two, other] = [
      await server.client('id=ada'),
      await server.client('id=ada'),
      await server.client('id=bob'),
    ];
    expect(server.mount.disconnect({ identity: 'ada' })).toBe(2);
    for (const client of [one, two]) {
      expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'disconnected by the server' });
    }
    expect(await ask(other, echo)).toEqual(echo);
    await eventually(() => server.mount.sessionsOf('ada') === undefined);
    expect(server.mount.disconnect({ identity: 'ada' })).toBe(0);
  });

  it('a session ends that one alone', async () => {
    const server = await rawServer();
    const one = await server.client('id=ada&name=one');
    const two = await server.client('id=ada&name=two');
    expect(server.mount.disconnect({ session: server.session('one').id })).toBe(1);
    expect((await one.waitForClose()).code).toBe(1008);
    expect(await ask(two, echo)).toEqual(echo);
    expect(server.mount.disconnect({ session: 'nobody' })).toBe(0);
  });
});

describe('leaving on behalf of an identity', () => {
  const removedFrom: string[] = [];
  const wire = {
    removed: (session: { data: RawData; reply(frame: Buffer): void }, room: string) => {
      removedFrom.push(`${session.data.name} ${room}`);
      session.reply(json({ t: 'removed', room }));
    },
  };

  it('takes all its sessions out of the rooms that are named, and tells them', async () => {
    removedFrom.length = 0;
    const server = await rawServer({ wire });
    const ada = await server.client('id=ada&name=ada');
    const bob = await server.client('id=bob&name=bob');
    for (const client of [ada, bob]) {
      for (const room of ['hall', 'yard', 'attic']) await ask(client, { t: 'join', room });
    }
    server.mount.leaveAll('ada', ['hall', 'attic', 'nowhere']);
    expect(await ada.nextJson()).toEqual({ t: 'removed', room: 'hall' });
    expect(await ada.nextJson()).toEqual({ t: 'removed', room: 'attic' });
    expect([...server.session('ada').rooms]).toEqual(['yard']);
    expect(server.session('bob').rooms.size).toBe(3);
    expect(removedFrom).toEqual(['ada hall', 'ada attic']);
    server.mount.publish('news', { rooms: ['hall'], data: 1 });
    expect(await bob.nextJson()).toMatchObject({ data: 1 });
    expect(await ask(ada, echo)).toEqual(echo);
  });

  it('takes them out of every room where none is named', async () => {
    const server = await rawServer({ wire });
    const ada = await server.client('id=ada');
    for (const room of ['hall', 'yard']) await ask(ada, { t: 'join', room });
    server.mount.leaveAll('ada');
    expect(server.session().rooms.size).toBe(0);
    expect(server.mount.stats().rooms).toBe(0);
  });
});

describe('asking again who may be where', () => {
  it('takes sessions out of the rooms they may not be in any more, and tells them', async () => {
    const server = await rawServer({
      wire: { removed: (session, room) => session.reply(json({ t: 'removed', room })) },
    });
    const ada = await server.client('id=ada&name=ada');
    const bob = await server.client('id=bob&name=bob');
    for (const client of [ada, bob]) for (const room of ['hall', 'yard']) await ask(client, { t: 'join', room });
    server.mount.recheck((session, room) => session.identity?.id === 'bob' || room === 'yard');
    expect(await ada.nextJson()).toEqual({ t: 'removed', room: 'hall' });
    expect([...server.session('ada').rooms]).toEqual(['yard']);
    expect([...server.session('bob').rooms]).toEqual(['hall', 'yard']);
    expect(await ask(bob, echo)).toEqual(echo);
  });
});

describe('an identity that becomes known after the handshake', () => {
  it('is what the session is found, counted and disconnected by', async () => {
    const server = await rawServer({ maxConnectionsPerIdentity: 2 });
    const client = await server.client();
    expect(server.mount.identify(server.session(), { id: 'ada', claims: { role: 'captain' } })).toBe(true);
    expect(server.session().identity).toEqual({ id: 'ada', claims: { role: 'captain' } });
    expect(server.mount.sessionsOf('ada')?.size).toBe(1);
    expect(server.mount.identify(server.session(), { id: 'bob' })).toBe(true);
    expect(server.mount.sessionsOf('ada')).toBeUndefined();
    server.mount.disconnect({ identity: 'bob' });
    expect((await client.waitForClose()).code).toBe(1008);
  });

  it('is refused its session when it has too many already', async () => {
    const server = await rawServer({ maxConnectionsPerIdentity: 2 });
    await server.client('id=ada');
    await server.client('id=ada');
    const late = await server.client('name=late');
    const session = server.session('late');
    expect(server.mount.identify(session, { id: 'ada' })).toBe(false);
    expect(await late.waitForClose()).toEqual({ code: 1008, reason: 'too many connections' });
    expect(session.identity).toBeNull();
    expect(server.mount.sessionsOf('ada')?.size).toBe(2);
  });

  it('is renewed without counting as one more', async () => {
    const server = await rawServer({ maxConnectionsPerIdentity: 1 });
    await server.client('id=ada');
    expect(server.mount.identify(server.session(), { id: 'ada', expiresAt: 5e12 })).toBe(true);
    expect(server.session().expiresAt).toBe(5e12);
    expect(server.mount.sessionsOf('ada')?.size).toBe(1);
  });

  it('closes the oldest of its sessions where the mount says so', async () => {
    const server = await rawServer({ maxConnectionsPerIdentity: 1, whenTooMany: 'close-oldest' });
    const first = await server.client('id=ada');
    await server.client('name=late');
    expect(server.mount.identify(server.session('late'), { id: 'ada' })).toBe(true);
    expect((await first.waitForClose()).code).toBe(1008);
    await eventually(() => server.mount.sessionsOf('ada')?.size === 1);
  });

  it('of a session that has gone meanwhile takes no place for ever', async () => {
    let verified = () => {};
    const server = await rawServer({
      maxConnectionsPerIdentity: 1,
      wire: {
        message: async (session, message) => {
          await new Promise<void>((resolve) => {
            verified = resolve;
          });
          server.mount.identify(session, { id: String(message) });
        },
      },
    });
    const client = await server.client();
    client.send('ada');
    await eventually(() => server.mount.stats().received === 1);
    client.socket.terminate();
    await eventually(() => server.closes.length === 1);
    verified();
    await turns(2);
    expect(server.mount.sessionsOf('ada')).toBeUndefined();
    await server.client('id=ada');
  });
});

describe('a session that ends', () => {
  it('has left its rooms before its wire hears of it, and each was left exactly once', async () => {
    const told: string[] = [];
    const server = await rawServer({
      wire: { close: (session, { code }) => void told.push(`closed ${code} in ${session.rooms.size} rooms`) },
      membership: {
        created: (room) => told.push(`created ${room}`),
        joined: (room) => told.push(`joined ${room}`),
        left: (room) => told.push(`left ${room}`),
        deleted: (room) => told.push(`deleted ${room}`),
      },
    });
    const staying = await server.member('hall');
    const leaving = await server.member('hall', 'yard');
    told.length = 0;
    await leaving.close(4321);
    await eventually(() => told.length >= 4);
    await turns(5);
    expect(told).toEqual(['left hall', 'left yard', 'deleted yard', 'closed 4321 in 0 rooms']);
    expect(await ask(staying, echo)).toEqual(echo);
    expect(server.mount.stats()).toMatchObject({ rooms: 1, closed: { 4321: 1 } });
  });

  it('joins nothing any more, is sent nothing and replies nothing', async () => {
    const server = await rawServer();
    const client = await server.client();
    const session = server.session();
    await client.close();
    await eventually(() => session.state === 'closed');
    expect(session.join('hall')).toBe(false);
    session.reply(json(1));
    session.send(json(1));
    session.close({ code: 4000, reason: '' });
    session.dismiss('idle');
    session.terminate();
    expect(session.queuedBytes).toBe(0);
    expect(server.mount.stats()).toMatchObject({ rooms: 0, delivered: 0 });
    expect(server.closes).toHaveLength(1);
  });
});
