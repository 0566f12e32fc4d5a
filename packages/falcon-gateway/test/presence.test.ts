import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createEngine, MemoryBroker, silentLogger } from '@roomcast/engine';
import { eventually, ManualClock, turns } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { FalconSession } from '../src/client.js';
import { Presences } from '../src/presences.js';
import { type Frame, type Member, start, startCluster, stopAll, system, type TestServer } from './support/server.js';

afterEach(stopAll);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const follow = (member: Member, ...userIds: string[]) => member.ask(system('subscribe_presence', { userIds }));
const statusesIn = (frames: readonly Frame[]) =>
  frames.filter(({ type }) => type === 'presence').map(({ data }) => `${data.userId} ${data.status}`);
const statuses = async (member: Member) => statusesIn(await member.told());
const be = (userId: string, status: string, metadata?: object) => ({
  type: 'presence',
  data: { userId, status, metadata },
});

async function gone(server: TestServer, member: Member): Promise<void> {
  await member.client.close();
  await eventually(() => ![...server.gateway.mount.sessions].some(({ id }) => id === member.connection));
}

describe('who follows a user', () => {
  it('is told the present state of each at once, and then what changes', async () => {
    const server = await start();
    const [eve, ada] = [await server.member('eve'), await server.member('ada')];
    await ada.ask(be('ada', 'away', { ship: 'Rifter' }));
    eve.send(system('subscribe_presence', { userIds: ['ada', 'bob', 'ada'] }));
    const told = await eve.told();
    expect(told.map(({ type, data }) => [type, data])).toEqual([
      ['presence', { userId: 'ada', status: 'away', metadata: { ship: 'Rifter' } }],
      ['presence', { userId: 'bob', status: 'offline' }],
    ]);
    const bob = await server.member('bob');
    expect(await statuses(eve)).toEqual(['bob online']);
    for (const status of ['away', 'away', 'offline', 'online']) await bob.ask(be('bob', status));
    expect(await statuses(eve)).toEqual(['bob away', 'bob away', 'bob offline', 'bob online']);
    await eve.ask(system('unsubscribe_presence', { userIds: ['bob', 'nobody'] }));
    await bob.ask(be('bob', 'away'));
    await ada.ask(be('ada', 'online'));
    expect(await statuses(eve)).toEqual(['ada online']);
    // The state of others is told in order before the acknowledgement.
    eve.send({ ...system('subscribe_presence', { userIds: ['bob'] }), id: 'again' });
    expect((await eve.client.nextJson<Frame>()).data).toEqual({ userId: 'bob', status: 'away' });
    expect((await eve.client.nextJson<Frame>()).id).toBe('again');
  });

  it('may follow oneself, and as many users as the limit says', async () => {
    const server = await start({ maxPresences: 3 });
    const eve = await server.member('eve');
    expect((await follow(eve, 'eve', 'a')).type).toBe('system');
    expect((await follow(eve, 'a', 'b', 'c')).data).toMatchObject({ code: 'too_many_presences' });
    expect((await follow(eve, 'a', 'b')).type).toBe('system');
    expect((await follow(eve, 'c')).data).toMatchObject({ code: 'too_many_presences' });
    await eve.ask(system('unsubscribe_presence', { userIds: ['a'] }));
    expect((await follow(eve, 'c')).type).toBe('system');
    await eve.ask(be('eve', 'away'));
    expect(await statuses(eve)).toEqual([]);
    eve.send(be('eve', 'online'));
    expect(await statuses(eve)).toEqual(['eve online']);
  });

  it('is forgotten when gone', async () => {
    const server = await start();
    const [eve, ada] = [await server.member('eve'), await server.member('ada')];
    await follow(eve, 'ada', 'bob');
    const session = new WeakRef([...server.gateway.mount.sessions].find(({ id }) => id === eve.connection) as object);
    await gone(server, eve);
    await ada.ask(be('ada', 'away'));
    expect(server.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
    await eventually(() => {
      collectGarbage();
      return session.deref() === undefined;
    }, 'the session is collected');
  });
});

describe('users whom nobody follows any more', () => {
  it('are forgotten', async () => {
    const server = await start();
    await server.member('eve');
    const [session] = [...server.gateway.mount.sessions];
    const clock = new ManualClock();
    const { cluster } = createEngine({ clock, logger: silentLogger });
    const presences = new Presences('alone', { cluster, clock, graceMs: 0, tell: () => {} });
    presences.follow(session as FalconSession, 'ada');
    expect(presences.followersOf('ada')).toEqual(new Set([session]));
    presences.unfollow(session as FalconSession, 'ada');
    expect(presences.followersOf('ada')).toBeUndefined();
  });
});

describe('a user', () => {
  it('is offline when the last of several tabs has been gone for 10 s', async () => {
    const server = await start();
    const eve = await server.member('eve');
    const [tab, other] = [await server.member('ada'), await server.member('ada')];
    await follow(eve, 'ada');
    await gone(server, tab);
    await server.clock.advance(60_000);
    expect(await statuses(eve)).toEqual([]);
    await gone(server, other);
    await server.clock.advance(9999);
    expect(await statuses(eve)).toEqual([]);
    await server.clock.advance(1);
    expect(await statuses(eve)).toEqual(['ada offline']);
  });

  it('who comes back in time was never away, and keeps the status', async () => {
    const server = await start();
    const [eve, ada] = [await server.member('eve'), await server.member('ada')];
    await ada.ask(be('ada', 'away', { ship: 'Rifter' }));
    await follow(eve, 'ada');
    await gone(server, ada);
    await server.clock.advance(9999);
    await server.member('ada');
    await server.clock.advance(60_000);
    expect(await statuses(eve)).toEqual([]);
    eve.send(system('subscribe_presence', { userIds: ['ada'] }));
    expect((await eve.told()).map(({ data }) => data)).toEqual([
      { userId: 'ada', status: 'away', metadata: { ship: 'Rifter' } },
    ]);
  });

  it('who comes back later is online again: what was said before is forgotten', async () => {
    const server = await start();
    const [eve, ada] = [await server.member('eve'), await server.member('ada')];
    await ada.ask(be('ada', 'away'));
    await follow(eve, 'ada');
    await gone(server, ada);
    await server.clock.advance(10_000);
    await server.member('ada');
    expect(await statuses(eve)).toEqual(['ada offline', 'ada online']);
  });

  it('is told by nobody else', async () => {
    const server = await start();
    const [eve, ada] = [await server.member('eve'), await server.member('ada')];
    await follow(eve, 'ada');
    expect(await eve.codeOf(be('ada', 'offline'))).toBe('forbidden_user');
    expect([await statuses(eve), await statuses(ada)]).toEqual([[], []]);
  });
});

describe('presence across instances', () => {
  it('knows all tabs and what was said last, and says each change once', async () => {
    const { servers, clock } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const [eve, tom] = [await one.member('eve'), await two.member('tom')];
    await follow(eve, 'ada');
    await follow(tom, 'ada');
    const [tab, other] = [await one.member('ada'), await two.member('ada')];
    const heard: Record<string, string[]> = { eve: [], tom: [] };
    const hears = async (...expected: string[]) => {
      for (const member of [eve, tom]) {
        await eventually(async () => {
          heard[member.user]?.push(...(await statuses(member)));
          return (heard[member.user]?.length ?? 0) >= expected.length;
        }, `${member.user} hears ${expected}`);
      }
      expect(heard).toEqual({ eve: expected, tom: expected });
    };
    await hears('ada online');
    await tab.ask(be('ada', 'away'));
    await hears('ada online', 'ada away');
    // Of two tabs on two instances the latest counts, on both.
    await other.ask(be('ada', 'online'));
    await hears('ada online', 'ada away', 'ada online');
    await gone(two, other);
    await clock.advance(30_000);
    await gone(one, tab);
    await clock.advance(9000);
    await hears('ada online', 'ada away', 'ada online');
    await clock.advance(2000);
    await hears('ada online', 'ada away', 'ada online', 'ada offline');
    await clock.advance(30_000);
    await hears('ada online', 'ada away', 'ada online', 'ada offline');
  });

  it('survives changing the instance within the grace period', async () => {
    const { servers, clock } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const eve = await one.member('eve');
    const ada = await one.member('ada');
    await follow(eve, 'ada');
    await gone(one, ada);
    await clock.advance(5000);
    await two.member('ada');
    await clock.advance(30_000);
    expect(await statuses(eve)).toEqual([]);
  });

  it('is told once each instance counts the user as gone, and what was said is no news before', async () => {
    const broker = new MemoryBroker();
    const [one, two] = [await start({}, { bus: broker.connect() }), await start({}, { bus: broker.connect() })];
    await eventually(() => two.engine.stats().members === 2);
    const [ada, eve] = [await one.member('ada'), await two.member('eve')];
    await ada.ask(be('ada', 'away'));
    await eventually(async () => {
      eve.send(system('subscribe_presence', { userIds: ['ada'] }));
      return (await statuses(eve)).includes('ada away');
    });
    await gone(one, ada);
    await turns(5);
    // The instance where it was said forgets it; the other one, whose clock is behind, still waits.
    await one.clock.advance(10_000);
    await turns(5);
    expect(await statuses(eve)).toEqual([]);
    await two.clock.advance(10_000);
    expect(await statuses(eve)).toEqual(['ada offline']);
  });

  it('is no news where an older word is forgotten with its instance', async () => {
    const { servers } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const [tab, other, eve] = [await one.member('ada'), await two.member('ada'), await two.member('eve')];
    await tab.ask(be('ada', 'online'));
    await turns(5);
    await other.ask(be('ada', 'away'));
    await follow(eve, 'ada');
    await one.engine.close();
    await eventually(() => two.engine.stats().members === 1);
    expect(await statuses(eve)).toEqual([]);
  });

  it('ends for users of an instance that dies without a word', async () => {
    const { servers, clock } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const eve = await one.member('eve');
    await two.member('ada');
    await follow(eve, 'ada');
    await two.engine.options.bus?.close();
    await eve.told();
    // Silence for three signs of life, and then the grace period.
    for (let second = 0; second < 40; second++) await clock.advance(1000);
    expect(await statuses(eve)).toEqual(['ada offline']);
  });
});
