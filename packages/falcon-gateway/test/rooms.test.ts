import { BusDownError, MemoryBroker } from '@roomcast/engine';
import { eventually } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { brief, type Frame, type Member, say, start, stopAll, system, type TestServer } from './support/server.js';

afterEach(stopAll);

const news = (action: 'joined' | 'left', of: Member, room_id: string, member_count: number) => {
  const data = { connection_id: of.connection, room_id, member_count };
  return [
    [`room_${action}`, data],
    ['room_update', { ...data, action: `member_${action}`, user_id: of.user }],
  ];
};

describe('a thread or custom room', () => {
  it('is joined and left by who wishes, and everybody in it is told', async () => {
    const server = await start();
    const [ada, bob] = [await server.member('ada'), await server.member('bob')];
    const room = 'thread:1';
    ada.send(system('join', { room }));
    expect(brief(await ada.told())).toEqual([news('joined', ada, room, 1)[0]]);
    bob.send(system('join', { room }));
    expect(brief(await bob.told())).toEqual([news('joined', bob, room, 2)[0]]);
    const told = await ada.told();
    expect(brief(told)).toEqual(news('joined', bob, room, 2));
    expect(told.map((frame) => frame.room)).toEqual([room, room]);
    bob.send(system('leave', { room }));
    expect(brief(await bob.told())).toEqual([news('left', bob, room, 1)[0]]);
    expect(brief(await ada.told())).toEqual(news('left', bob, room, 1));
    expect(await bob.codeOf(say(room))).toBe('not_in_room');
  });

  it('is joined once, however often one asks', async () => {
    const server = await start();
    const [ada, bob] = [await server.member('ada'), await server.member('bob')];
    await ada.join('lobby');
    await bob.join('lobby');
    await ada.told();
    expect(await bob.codeOf(system('join', { room: 'lobby' }))).toBe('ok');
    expect([await ada.told(), await bob.told()]).toEqual([[], []]);
  });

  it('is left by who goes away', async () => {
    const server = await start();
    const [ada, bob] = [await server.member('ada'), await server.member('bob')];
    await ada.join('lobby');
    await bob.join('lobby');
    await ada.told();
    await bob.client.close();
    await ada.next(({ type }) => type === 'room_left');
    expect(brief(await ada.told())).toEqual([news('left', bob, 'lobby', 1)[1]]);
  });

  it('may be taken away by an administrator', async () => {
    const server = await start();
    const ada = await server.member('ada');
    await ada.join('lobby');
    server.gateway.mount.leaveAll('ada', ['lobby']);
    expect(brief(await ada.told())).toEqual([news('left', ada, 'lobby', 0)[0]]);
  });

  it('is entered as the directory lets', async () => {
    const asked: string[] = [];
    const server = await start({
      directory: {
        mayEnter(userId, room) {
          asked.push(`${userId} ${room}`);
          if (room === 'broken') throw new Error('the backend is down');
          return room === 'unknown' ? undefined : room === 'thread:1';
        },
      },
    });
    const ada = await server.member('ada');
    const codes: string[] = [];
    for (const room of ['thread:1', 'thread:2', 'unknown', 'broken', 'group:g', 'user:bob']) {
      codes.push(await ada.codeOf(system('join', { room })));
    }
    expect(codes).toEqual(['ok', 'forbidden_room', 'unavailable', 'unavailable', 'forbidden_room', 'forbidden_room']);
    // Personal and group rooms are nobody's to ask for.
    expect(asked).toEqual(['ada thread:1', 'ada thread:2', 'ada unknown', 'ada broken']);
    expect(server.logger.lines.map(({ message }) => message)).toContain(
      'the directory failed: nothing is known of a room',
    );
  });

  it('can be wished for as often as the limit says; assigned ones do not count', async () => {
    const server = await start({ maxRooms: 3 });
    const ada = await server.member({ user_id: 'ada', groups: ['a', 'b', 'c', 'd'] });
    const join = (room: string) => ada.codeOf(system('join', { room }));
    expect([await join('1'), await join('2'), await join('3'), await join('4')]).toEqual([
      'ok',
      'ok',
      'ok',
      'too_many_rooms',
    ]);
    await ada.ask(system('leave', { room: '1' }));
    expect(await join('4')).toBe('ok');
  });

  it('is not joined while the bus refuses its topic, and the connection stays', async () => {
    const bus = new MemoryBroker().connect();
    const subscribe = bus.subscribe.bind(bus);
    bus.subscribe = (topic, receive) =>
      topic.endsWith('thread:1') ? Promise.reject(new BusDownError()) : subscribe(topic, receive);
    const server = await start({}, { bus });
    const ada = await server.member('ada');
    const codes = [await ada.codeOf(system('join', { room: 'thread:1' })), await ada.codeOf(say('thread:1'))];
    expect(codes).toEqual(['unavailable', 'not_in_room']);
    await ada.join('thread:2');
  });

  it('is not joined by who has gone while the directory was asked', async () => {
    let answer: (allowed: boolean) => void = () => {};
    const mayEnter = () =>
      new Promise<boolean>((resolve) => {
        answer = resolve;
      });
    const server = await start({ directory: { mayEnter } });
    const ada = await server.member('ada');
    ada.send(system('join', { room: 'lobby' }));
    await ada.client.close();
    answer(true);
    expect(server.gateway.overview.room('lobby')).toBeUndefined();
    await server.member('bob');
    expect(server.gateway.overview.room('lobby')).toBeUndefined();
  });

  it('is joined, left and missed in the order of the requests, however long the directory thinks', async () => {
    let answer: (allowed: boolean) => void = () => {};
    let isAsked = false;
    const mayEnter = () => {
      isAsked = true;
      return new Promise<boolean>((resolve) => {
        answer = resolve;
      });
    };
    const server = await start({ directory: { mayEnter } });
    const ada = await server.member('ada');
    const room = 'lobby';
    for (const request of [system('join', { room }), system('leave', { room }), say(room)]) {
      ada.send({ ...request, id: request.type });
    }
    await eventually(() => isAsked);
    answer(true);
    expect(
      (await ada.told()).map(({ type, id, data }) => `${type} ${id ?? ''} ${data.action ?? data.code ?? ''}`),
    ).toEqual([
      'room_joined  ',
      'system system join',
      'room_left  ',
      'system system leave',
      'error message not_in_room',
    ]);
    expect(server.gateway.overview.room(room)).toBeUndefined();
  });

  it('is not entered by an answer that the directory gave before it changed', async () => {
    let isOpen = true;
    const answers: (() => void)[] = [];
    const mayEnter = () => {
      const allowed = isOpen;
      return new Promise<boolean>((resolve) => answers.push(() => resolve(allowed)));
    };
    const server = await start({ directory: { mayEnter } });
    const ada = await server.member('ada');
    const code = ada.codeOf(system('join', { room: 'lobby' }));
    await eventually(() => answers.length === 1);
    isOpen = false;
    await server.gateway.recheck();
    answers[0]?.();
    await eventually(() => answers.length === 2);
    answers[1]?.();
    expect(await code).toBe('forbidden_room');
  });

  it('is left where the directory, asked again, says no; and not where it can’t tell', async () => {
    let answer: boolean | undefined = true;
    const server = await start({ directory: { mayEnter: () => answer } });
    const [ada, again] = [await server.member('ada'), await server.member('ada')];
    for (const one of [ada, again]) await one.join('thread:1');
    await ada.told();
    answer = undefined;
    await server.gateway.recheck();
    expect([await ada.told(), await again.told()]).toEqual([[], []]);
    answer = false;
    await server.gateway.recheck();
    expect((await ada.told()).map(({ type }) => type)).toContain('room_left');
    expect(await again.codeOf(say('thread:1'))).toBe('not_in_room');
  });
});

describe('a room', () => {
  /** Members who do not read what is told at the beginning, so that hundreds come quickly. */
  async function fill(server: TestServer, count: number): Promise<void> {
    for (let come = 0; come < count; come += 50) {
      const more = Math.min(50, count - come);
      await Promise.all(Array.from({ length: more }, (_, index) => server.member(`m-${come + index}`)));
    }
  }
  const types = (frames: readonly Frame[]) => frames.map(({ type, data }) => `${type} ${data.action ?? ''}`.trim());
  const directory = { groupsOf: () => [{ id: 'g' }] };

  it('of up to 200 tells of each member, above only a count, once a second', async () => {
    const server = await start({ directory, maxConnectionsPerIdentity: 1000 });
    const ada = await server.member('ada');
    await fill(server, 198);
    expect(types(await ada.told())).toHaveLength(2 * 198);
    const last = await server.member('the 200th');
    expect(types(await ada.told())).toEqual(['room_joined', 'room_update member_joined']);
    const [one, two] = [await server.member('the 201st'), await server.member('the 202nd')];
    expect(types(await ada.told())).toEqual([]);
    await server.clock.advance(999);
    expect(types(await ada.told())).toEqual([]);
    await server.clock.advance(1);
    expect(brief(await ada.told())).toEqual([
      ['room_update', { action: 'member_count', room_id: 'group:g', member_count: 202 }],
    ]);
    await server.clock.advance(10_000);
    expect(types(await ada.told())).toEqual([]);
    // Who comes is told, of itself, how large it is.
    const own = await server.member('the 203rd');
    await own.client.close();
    await server.clock.advance(1000);
    await two.client.close();
    await one.client.close();
    await server.clock.advance(1000);
    await ada.next(({ data }) => data.member_count === 200);
    await ada.told();
    await last.client.close();
    await ada.next(({ type }) => type === 'room_left');
    expect(types(await ada.told())).toEqual(['room_update member_left']);
  });
});
