import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { connect, say, startServer } from './support/client.js';

describe('rooms that the server assigns', () => {
  it('are followed as they come and go', async () => {
    const server = await startServer();
    server.groups = ['fc'];
    const { client } = connect(server.url);
    const lists: (readonly string[])[] = [];
    client.on('rooms', (rooms) => lists.push(rooms));
    expect(await client.ready).toEqual({ connectionId: 'connection-1', userId: 'ada' });
    await eventually(() => client.rooms.includes('group:fc'));
    server.enter(server.session, 'group:scouts');
    await eventually(() => client.rooms.length === 3);
    server.exit(server.session, 'group:fc');
    await eventually(() => client.rooms.length === 2);
    expect(lists).toEqual([
      ['user:ada'],
      ['user:ada', 'group:fc'],
      ['user:ada', 'group:fc', 'group:scouts'],
      ['user:ada', 'group:scouts'],
    ]);
    expect(server.session.told).toEqual([]);
  });

  it('are not asked for, but waited for', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.join('user:ada').joined;
    let isIn = false;
    const room = client.join('group:fc');
    void room.joined.then(() => {
      isIn = true;
    });
    await client.join('general').joined;
    expect(isIn).toBe(false);
    server.enter(server.session, 'group:fc');
    await eventually(() => isIn);
    room.leave();
    await client.join('another').joined;
    expect(server.session.told).toEqual(['join general', 'join another']);
    expect(client.rooms).toContain('group:fc');
  });

  it('show in what arrives where the server, as the original, tells nobody', async () => {
    const server = await startServer();
    server.tellsRooms = false;
    const { client } = connect(server.url);
    await client.join('user:ada').joined;
    server.session.push('room_update', { action: 'member_joined', room_id: 'group:fc' }, { room: 'group:fc' });
    server.session.push('message', 'x', { room: 'not-assigned' });
    await eventually(() => client.rooms.includes('group:fc'));
    server.session.push('group_membership_change', { user_id: 'bob', group_id: 'fc', joined: false });
    await client.join('general').joined;
    expect(client.rooms).toEqual(['user:ada', 'group:fc', 'general']);
    server.session.push('group_membership_change', { user_id: 'ada', group_id: 'x', joined: true });
    server.session.push('group_membership_change', { user_id: 'ada', group_id: 'fc', joined: false });
    await eventually(() => !client.rooms.includes('group:fc'));
    expect(client.rooms).toEqual(['user:ada', 'general']);
  });

  it('are not entered again by the frame that tells of the end', async () => {
    const server = await startServer();
    server.groups = ['fc'];
    const { client } = connect(server.url);
    await client.join('group:fc').joined;
    const lists: (readonly string[])[] = [];
    client.on('rooms', (rooms) => lists.push(rooms));
    let isIn = false;
    client.on('group_membership_change', () => {
      const taken = () => {
        isIn = true;
      };
      client.join('group:fc').joined.then(taken, () => {});
    });
    server.session.push('group_membership_change', { user_id: 'ada', group_id: 'fc', joined: false });
    server.exit(server.session, 'group:fc');
    await client.join('general').joined;
    expect([lists, isIn]).toEqual([[['user:ada'], ['user:ada', 'general']], false]);
  });

  it('of others are not mistaken for own', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.join('general').joined;
    const other = { connection_id: 'another', room_id: 'general' };
    server.session.push('room_left', other, { room: 'general' });
    server.session.push('room_joined', { ...other, room_id: 'elsewhere' });
    await client.sendMessage(say('general', 'a'));
    expect(client.rooms).toEqual(['user:ada', 'general']);
    await client.join('general').joined;
  });
});

describe('rooms that are joined', () => {
  it('are joined once for all who want them, and left with the last', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const rooms = [client.join('general'), client.join('general')];
    await Promise.all(rooms.map(({ joined }) => joined));
    rooms.push(client.join('general'));
    await rooms[2]?.joined;
    expect(client.rooms).toContain('general');
    rooms[0]?.leave();
    rooms[0]?.leave();
    rooms[1]?.leave();
    await turns(5);
    await client.sendMessage(say('general', 'still in'));
    expect(server.session.told).toEqual(['join general', 'message general']);
    rooms[2]?.leave();
    await server.connection(1, 'leave general');
    await eventually(() => !client.rooms.includes('general'));
    await client.join('general').joined;
    expect(server.session.told).toEqual(['join general', 'message general', 'leave general', 'join general']);
  });

  it('are not asked for again while the answer is awaited', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    await opened(1);
    server.answers = ({ type }) => type !== 'system';
    client.join('general');
    await server.connection(1, 'join general');
    const { joined } = client.join('general');
    await turns(5);
    expect(server.session.told).toEqual(['join general']);
    server.enter(server.session, 'general');
    await joined;
  });

  it('are not asked for again by whoever comes while they are restored', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.join('general').joined;
    server.answers = ({ type }) => type !== 'system';
    server.session.socket.terminate();
    await server.connection(2, 'join general');
    const { joined } = client.join('general');
    await turns(5);
    expect(server.session.told).toEqual(['join general']);
    server.enter(server.session, 'general');
    await joined;
  });

  it('are left at once, whatever the server says about it later', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const { joined, leave } = client.join('general');
    await joined;
    server.answers = ({ type }) => type !== 'system';
    const another = client.join('another');
    await server.connection(1, 'join another');
    another.leave();
    leave();
    await server.connection(1, 'leave another', 'leave general');
    expect(client.rooms).toEqual(['user:ada']);
    const { id } = server.session.received.find((message) => JSON.stringify(message).includes('another')) ?? {};
    server.session.push('system', { action: 'join', ok: true }, { id });
    server.answers = () => true;
    await client.join('third').joined;
    expect(client.rooms).toEqual(['user:ada', 'third']);
  });

  it('are not left and joined again within a tick', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    client.join('general').leave();
    await client.join('general').joined;
    client.join('another').leave();
    await client.join('third').joined;
    expect(server.session.told).toEqual(['join general', 'join third']);
  });

  it('tell whoever waits that nobody wants them any more', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const { joined, leave } = client.join('general');
    leave();
    await expect(joined).rejects.toThrow('general was left before it was joined');
    await client.ready;
    expect(server.session.told).toEqual([]);
  });

  it('are joined again after a reconnection, but for those that were left', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    const general = client.join('general');
    await client.join('another').joined;
    general.leave();
    await server.connection(1, 'leave general');
    server.refuseWith = () => 503;
    server.session.socket.terminate();
    await eventually(() => client.state !== 'open');
    expect(client.rooms).toEqual([]);
    client.join('third');
    server.refuseWith = () => undefined;
    await opened(2);
    await eventually(() => client.rooms.length === 3);
    expect(server.session.told).toEqual(['join another', 'join third']);
    expect(client.rooms).toEqual(['user:ada', 'another', 'third']);
  });

  it('reject where the server refuses, and are asked for again by whoever wants them next', async () => {
    const server = await startServer();
    server.refuse = ({ type }) => (type === 'system' ? 'forbidden_room' : undefined);
    const { client, errors } = connect(server.url);
    const refused = { name: 'MessageRejectedError', code: 'forbidden_room', operation: 'join general' };
    await expect(client.join('general').joined).rejects.toMatchObject(refused);
    expect(errors).toMatchObject([refused]);
    expect(server.session.told).toEqual(['join general']);
    server.refuse = () => undefined;
    client.join('another');
    await eventually(() => client.rooms.includes('another'));
    expect(server.session.told).toEqual(['join general', 'join another']);
    await client.join('general').joined;
    expect(server.session.told).toEqual(['join general', 'join another', 'join general']);
  });

  it('that it is not in are left without an error, where it was refused or shown out', async () => {
    const server = await startServer();
    server.refuse = (message) => {
      if (message.type !== 'system' || !('room' in message.data)) return undefined;
      const { action, room } = message.data;
      if (action === 'join') return room === 'closed' ? 'forbidden_room' : undefined;
      return server.session.rooms.has(room) ? undefined : 'not_in_room';
    };
    const { client, errors } = connect(server.url);
    const [closed, general] = [client.join('closed'), client.join('general')];
    await general.joined;
    await expect(closed.joined).rejects.toMatchObject({ code: 'forbidden_room' });
    server.exit(server.session, 'general');
    await eventually(() => !client.rooms.includes('general'));
    for (const { leave } of [closed, general]) leave();
    await client.join('another').joined;
    expect(server.session.told).toEqual(expect.arrayContaining(['leave closed', 'leave general']));
    expect(errors).toMatchObject([{ code: 'forbidden_room' }]);
    server.refuse = (message) => (JSON.stringify(message).includes('"leave"') ? 'unavailable' : undefined);
    const third = client.join('third');
    await third.joined;
    third.leave();
    await eventually(() => errors.length === 2);
    expect(errors[1]).toMatchObject({ code: 'unavailable', operation: 'leave third' });
  });

  it('reject where no answer comes', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, errors, opened } = connect(server.url, { clock });
    await opened(1);
    server.answers = ({ type }) => type !== 'system';
    const outcome = expect(client.join('general').joined).rejects.toMatchObject({ name: 'TimeoutError' });
    await server.connection(1, 'join general');
    await clock.advance(10_000);
    await outcome;
    expect(errors).toMatchObject([{ name: 'TimeoutError', operation: 'join general' }]);
  });

  it('are tried again where the server can not decide, ever more slowly', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    server.refuse = ({ type }) => (type === 'system' ? 'unavailable' : undefined);
    const { client, errors, gaps, opened } = connect(server.url, {
      clock,
      random: () => 0.999,
      baseMs: 1000,
      capMs: 4000,
    });
    await opened(1);
    let isIn = false;
    void client.join('general').joined.then(() => {
      isIn = true;
    });
    for (const [count, waitMs] of [999, 1998, 3996].entries()) {
      await eventually(() => errors.length === count + 1);
      await clock.advance(waitMs - 1);
      expect(server.session.told).toHaveLength(count + 1);
      if (count === 2) server.refuse = () => undefined;
      await clock.advance(1);
      await eventually(() => server.session.told.length === count + 2);
    }
    await eventually(() => isIn);
    expect(gaps).toEqual([
      { reason: 'connected', room: undefined },
      { reason: 'missed', room: 'general' },
    ]);
  });

  it('are tried anew on the next connection, which then tells of one gap', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    server.refuse = ({ type }) => (type === 'system' ? 'unavailable' : undefined);
    const backOff = { random: () => 0.999, baseMs: 1000, capMs: 60_000 };
    const { client, errors, gaps, opened } = connect(server.url, { clock, ...backOff, minUptimeMs: 1 });
    client.join('general');
    for (const waitMs of [999, 1998, 3996]) {
      const before = errors.length;
      await eventually(() => errors.length > before || server.sessions[0]?.told.length === errors.length);
      await turns(5);
      await clock.advance(waitMs);
    }
    await eventually(() => errors.length === 4);
    await eventually(() => gaps.length === 1);
    server.session.socket.terminate();
    await eventually(() => client.state === 'waiting');
    await clock.advance(999);
    await opened(2);
    await eventually(() => errors.length === 6, 'the loss, and the next answer');
    server.refuse = () => undefined;
    await eventually(() => gaps.length === 2);
    await clock.advance(999);
    await eventually(() => client.rooms.includes('general'));
    expect(gaps.map(({ reason }) => reason)).toEqual(['connected', 'reconnected', 'missed']);
  });

  it('that could not be decided about count as restored where the next connection lets them in', async () => {
    const server = await startServer();
    server.refuse = ({ type }) => (type === 'system' ? 'unavailable' : undefined);
    const { client, errors, gaps } = connect(server.url, { baseMs: 20_000, capMs: 20_000, random: () => 0.9 });
    client.join('general');
    await eventually(() => errors.length === 1 && gaps.length === 1);
    server.refuse = () => undefined;
    server.session.socket.terminate();
    await eventually(() => client.state === 'waiting');
    client.connect();
    await eventually(() => client.rooms.includes('general') && gaps.length === 2);
    await turns(5);
    expect(gaps.map(({ reason }) => reason)).toEqual(['connected', 'reconnected']);
  });

  it('are entered where the server only acknowledges it', async () => {
    const server = await startServer();
    server.tellsRooms = false;
    const { client } = connect(server.url);
    await client.join('general').joined;
    expect(client.rooms).toContain('general');
  });

  it('that were asked for when the connection is lost are no errors of their own', async () => {
    const server = await startServer();
    server.answers = ({ type }) => type !== 'system';
    const { client, errors, opened } = connect(server.url);
    client.join('general');
    await server.connection(1, 'join general');
    server.session.socket.terminate();
    await opened(2);
    expect(errors.map(({ name }) => name)).toEqual(['ConnectionLostError']);
  });

  it('are not tried again on a connection that is gone, nor after the end', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    server.refuse = ({ type }) => (type === 'system' ? 'unavailable' : undefined);
    const { client, errors } = connect(server.url, { clock });
    client.join('general');
    await eventually(() => errors.length === 1);
    await client.disconnect();
    expect(clock.pending).toBe(0);
  });

  it('may be left by the server, and are joined by whoever wants them next', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.join('general').joined;
    server.exit(server.session, 'general');
    await eventually(() => !client.rooms.includes('general'));
    await client.join('general').joined;
    expect(server.session.told).toEqual(['join general', 'join general']);
  });
});

describe('a gap', () => {
  it('is told once for each connection, when the rooms are joined again', async () => {
    const server = await startServer();
    const { client, gaps } = connect(server.url);
    client.join('general');
    client.followPresence('bob');
    await eventually(() => gaps.length === 1);
    expect(client.rooms).toContain('general');
    server.answers = ({ type }) => type !== 'system';
    server.session.socket.terminate();
    const session = await server.connection(2, 'join general', 'subscribe_presence bob');
    await eventually(() => session.received.some(({ type }) => type === 'heartbeat'));
    await turns(5);
    expect(gaps).toHaveLength(1);
    for (const { id, type } of session.received) {
      if (type === 'system') session.push('system', { action: 'done', ok: true }, { id });
    }
    await eventually(() => gaps.length === 2);
    await turns(5);
    expect(gaps).toEqual([
      { reason: 'connected', room: undefined },
      { reason: 'reconnected', room: undefined },
    ]);
  });

  it('waits for the rooms that were wished for before, and for the server to have come so far', async () => {
    const server = await startServer();
    server.answers = () => false;
    const { client, gaps } = connect(server.url);
    client.join('general');
    const session = await server.connection(1, 'join general');
    await eventually(() => session.received.some(({ type }) => type === 'heartbeat'));
    session.push('heartbeat', {});
    await turns(10);
    expect(gaps).toEqual([]);
    const [{ id } = {}] = session.received;
    session.push('system', { action: 'join', ok: true }, { id });
    await eventually(() => gaps.length === 1);
    const alone = connect(server.url);
    await alone.client.ready;
    await turns(10);
    expect(alone.gaps).toEqual([]);
    server.session.push('heartbeat', {});
    await eventually(() => alone.gaps.length === 1);
  });

  it('is told when the server says that it lost something, as each connection asks it to', async () => {
    const server = await startServer();
    const { gaps, opened, errors } = connect(server.url);
    await opened(1);
    await eventually(() => gaps.length === 1);
    server.session.socket.terminate();
    await opened(2);
    await eventually(() => gaps.length === 2);
    expect(server.sessions.map(({ query }) => query)).toEqual(['?notify_missed=true', '?notify_missed=true']);
    errors.length = 0;
    server.session.push('system', { action: 'missed', room: 'thread:1' });
    server.session.push('system', { action: 'missed' });
    await eventually(() => gaps.length === 4);
    expect(gaps.slice(2)).toEqual([
      { reason: 'missed', room: 'thread:1' },
      { reason: 'missed', room: undefined },
    ]);
    expect(errors).toEqual([]);
  });
});
