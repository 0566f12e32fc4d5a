import { createEngine, type Engine, MemoryBroker, type MemoryBus, silentLogger } from '@roomcast/engine';
import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { SharedFamilies } from '../src/accounts/shared-families.js';
import { manager, start, type TestServer } from './support/server.js';

async function ready({ get }: TestServer): Promise<void> {
  await eventually(async () => (await get('/readyz')).status === 200, 'the server to be ready');
}

/** Two servers that hear each other. */
async function two(environment: Record<string, string> = {}) {
  const broker = new MemoryBroker();
  const bus = [broker.connect(), broker.connect()] as [MemoryBus, MemoryBus];
  const one = await start(environment, { bus: bus[0] });
  const other = await start(environment, { bus: bus[1] });
  for (const server of [one, other]) await ready(server);
  await eventually(async () => {
    const metrics = await fetch(`${one.running.url}/metrics`);
    return (await metrics.text()).includes('roomcast_members 2');
  }, 'the other server');
  return { one, other, bus };
}

describe('a login on one instance', () => {
  test('is good on the other: its token connects, its refresh token is renewed, and once only', async () => {
    const { one, other } = await two();
    const first = await one.login();
    const client = await other.connect(first.accessToken);
    expect(await client.nextJson()).toMatchObject({ type: 'CONNECTED' });
    const second = await other.refresh(first.refreshToken);
    expect(second.status).toBe(200);
    const third = await one.refresh(second.body.data.refreshToken);
    expect(third.status).toBe(200);
    expect(await other.refresh(first.refreshToken)).toMatchObject({
      status: 403,
      body: { error: { code: 'TOKEN_REVOKED' } },
    });
    expect(await one.refresh(third.body.data.refreshToken)).toMatchObject({
      body: { error: { code: 'TOKEN_REVOKED' } },
    });
  });

  test('brings one next token when its refresh token comes to both at once', async () => {
    const { one, other } = await two();
    for (let round = 0; round < 5; round++) {
      const { refreshToken } = await one.login();
      const answers = await Promise.all([one.refresh(refreshToken), other.refresh(refreshToken)]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
    }
  });

  test('counts against the other: attempts are limited together', async () => {
    const { one, other } = await two({ MAX_LOGINS_PER_ACCOUNT_PER_MINUTE: '4' });
    const wrong = { ...manager, password: 'wrong' };
    const attempt = async ({ post }: TestServer, who = wrong) => (await post('/api/v1/auth/login', who)).status;
    for (const server of [one, one, other]) expect(await attempt(server)).toBe(401);
    await turns(10);
    expect(await attempt(other, manager)).toBe(200);
    await turns(10);
    for (const server of [one, other, one, other]) {
      expect(await attempt(server)).toBe(401);
      await turns(10);
    }
    expect([await attempt(one), await attempt(other)]).toEqual([429, 429]);
  });
});

describe('the families of refresh tokens', () => {
  function setUp() {
    const clock = new ManualClock();
    const broker = new MemoryBroker({ clock });
    const join = async () => {
      const bus = broker.connect();
      const engine: Engine = createEngine({ bus, clock, logger: silentLogger });
      onTestFinished(() => engine.close());
      const families = new SharedFamilies(engine.cluster, { lifetimeSeconds: 100_000, now: () => clock.now() });
      await engine.ready();
      await turns(10);
      return { bus, engine, families };
    };
    const passing = async <Value>(asked: Promise<Value>): Promise<Value> => {
      let over = false;
      const done = asked.finally(() => {
        over = true;
      });
      for (let step = 0; !over && step < 100; step++) {
        await turns(10);
        if (!over) await clock.advance(100);
      }
      return done;
    };
    return { clock, join, passing };
  }

  test('outlive the instance of the login, and are known to one that comes later', async () => {
    const { clock, join, passing } = setUp();
    const [one, other] = [await join(), await join()];
    const ids = Array.from({ length: 8 }, (_, user) => one.families.start(`user-${user}`));
    await turns(5);
    one.bus.setStatus('down');
    await clock.advance(20_000);
    const late = await join();
    for (const id of ids) {
      const rotated = await passing(late.families.rotate(id));
      expect(rotated).toMatchObject({ kind: 'rotated' });
      if (rotated.kind === 'rotated') expect((await passing(other.families.rotate(rotated.next))).kind).toBe('rotated');
      expect((await passing(other.families.rotate(id))).kind).toBe('reused');
    }
  });

  test('outlive the instance that renewed them', async () => {
    const { clock, join, passing } = setUp();
    const [one, other, owner] = [await join(), await join(), await join()];
    const begun = Array.from({ length: 30 }, (_, user) => one.families.start(`user-${user}`));
    const owned = begun.filter(({ family }) => one.engine.cluster.owner(family) === owner.engine.instance);
    expect(owned.length).toBeGreaterThan(0);
    await turns(5);
    const next = [];
    for (const id of owned) {
      const rotated = await passing(other.families.rotate(id));
      if (rotated.kind === 'rotated') next.push(rotated.next);
    }
    expect(next).toHaveLength(owned.length);
    await turns(5);
    owner.bus.setStatus('down');
    await clock.advance(20_000);
    for (const id of next) expect((await passing(one.families.rotate(id))).kind).toBe('rotated');
  });

  test('are not over for an instance that missed what became of them', async () => {
    const { join, passing } = setUp();
    const [one, other] = [await join(), await join()];
    for (let round = 0; round < 8; round++) {
      const first = one.families.start('user');
      await turns(5);
      other.bus.setStatus('down');
      const second = await passing(one.families.rotate(first));
      other.bus.setStatus('up');
      await turns(5);
      if (second.kind !== 'rotated') throw new Error(second.kind);
      expect((await passing(other.families.rotate(second.next))).kind).toBe('rotated');
    }
  });
});

test('of two instances one has the demonstration, and the other when it has gone', async () => {
  const clock = new ManualClock(Date.now());
  const broker = new MemoryBroker();
  const published = [0, 0];
  const servers: TestServer[] = [];
  for (const index of [0, 1]) {
    const bus = broker.connect();
    const { publish } = bus;
    bus.publish = (topic, message) => {
      if (topic.startsWith('roomcast.vmax.fleet:') && message.includes('announcements'))
        published[index] = (published[index] ?? 0) + 1;
      return publish.call(bus, topic, message);
    };
    servers.push(await start({}, { bus, clock }));
  }
  for (const server of servers) await ready(server);
  const passed = async () => {
    published.fill(0);
    await clock.advance(10_000);
    await turns(10);
    return [...published];
  };
  await clock.advance(4000);
  const before = await passed();
  expect(before.filter((count) => count >= 8)).toHaveLength(1);
  expect(before.filter((count) => count === 0)).toHaveLength(1);
  const closing = servers[before[0] === 0 ? 1 : 0]?.running.close(200);
  await clock.advance(3000);
  await closing;
  await clock.advance(3000);
  const after = await passed();
  expect(after.map((count) => count > 0)).toEqual(before.map((count) => count === 0));
});
