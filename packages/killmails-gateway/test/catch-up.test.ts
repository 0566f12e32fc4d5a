import { type Fate, MemoryBroker, type MemoryBus } from '@roomcast/engine';
import type { KillmailUpdate } from '@roomcast/killmails-protocol';
import { eventually, ManualClock, RecordingLogger, turns } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { KillmailsGateway, KillmailsGatewayOptions } from '../src/index.js';
import { collect, jita, join, kill, publish, startGateway, stopAll, type TestServer, topic } from './support/server.js';

afterEach(stopAll);

const minuteMs = 60_000;

interface Instance extends TestServer {
  bus: MemoryBus;
  logger: RecordingLogger;
}

function setUp() {
  const clock = new ManualClock(Date.now());
  let fate: (message: { topic: string; text: string; to: string }) => Fate = () => 'deliver';
  const texts: number[] = [];
  const broker = new MemoryBroker({
    clock,
    fate: (message) => {
      texts.push(message.text.length);
      return fate(message);
    },
  });
  return {
    clock,
    texts,
    setFate: (decide: typeof fate) => {
      fate = decide;
    },
    async join(name: string, options: Partial<KillmailsGatewayOptions> = {}): Promise<Instance> {
      const bus = broker.connect(name);
      const logger = new RecordingLogger();
      const server = await startGateway(options, { bus, clock, logger });
      await turns(30);
      return { ...server, bus, logger };
    },
  };
}

/** The ids of the kills that a client of the official library is sent. */
async function watch(server: TestServer): Promise<() => number[]> {
  const channel = server.client().channel(topic, { systems: [jita] });
  const updates = collect<KillmailUpdate>(channel, 'killmail_update');
  await join(channel);
  return () => updates.flatMap(({ killmails }) => killmails.map(({ killmail_id: id }) => id));
}

const known = ({ kills }: KillmailsGateway) => [...kills.ledger.all()].map(([id]) => id).sort();

describe('an instance that comes', () => {
  it('knows the kills and counts of the others, whole, and delivers none of them', async () => {
    const { clock, join: start } = setUp();
    const one = await start('one');
    for (let id = 1; id <= 5; id++) publish(one.gateway, kill({ id }));
    await clock.advance(30 * minuteMs);
    for (let id = 6; id <= 8; id++) publish(one.gateway, kill({ id }));
    await clock.advance(2 * minuteMs);
    const other = await start('other');
    const got = await watch(other);
    await eventually(() => other.gateway.kills.ledger.size === 8, 'the kills');
    expect(known(other.gateway)).toEqual(known(one.gateway));
    const { kills } = other.gateway;
    expect(kills.history.byId(3)?.json).toEqual(one.gateway.kills.history.byId(3)?.json);
    expect(kills.counts.total(jita, clock.now())).toBe(8);
    publish(one.gateway, kill({ id: 3 }));
    publish(one.gateway, kill({ id: 9 }));
    await eventually(() => got().length > 0, 'a kill');
    expect(got()).toEqual([9]);
    expect(kills.counts.total(jita, clock.now())).toBe(9);
    // Counted in the minutes in which they were seen.
    const later = clock.now() + (24 * 60 - 31) * minuteMs;
    expect([kills.counts.total(jita, later), one.gateway.kills.counts.total(jita, later)]).toEqual([4, 4]);
  });

  it('tells its clients nothing of what was before it came, though they are here before that is known', async () => {
    const { clock, join: start, setFate } = setUp();
    const one = await start('one', { history: { maxKills: 1 } });
    publish(one.gateway, kill({ id: 1 }));
    publish(one.gateway, kill({ id: 2 }));
    await clock.advance(3 * minuteMs);
    setFate(({ text }) => (text.includes('.ledger') ? 'drop' : 'deliver'));
    const other = await start('other');
    const channel = other.client().channel(topic, { systems: [jita], notify_missed: true });
    const updates = collect<KillmailUpdate>(channel, 'killmail_update');
    const notices = collect<object>(channel, 'events_missed');
    await join(channel);
    await clock.advance(5000);
    setFate(() => 'deliver');
    await other.gateway.catchUp();
    expect(known(other.gateway)).toEqual([1, 2]);
    publish(one.gateway, kill({ id: 3 }));
    await eventually(() => updates.length > 0, 'a kill');
    expect(updates.map(({ killmails }) => killmails[0]?.killmail_id)).toEqual([3]);
    expect(notices).toEqual([]);
  });

  it('has what several have, of pages and pages, in messages of a bounded size, the largest killmail too', async () => {
    const { join: start, texts, setFate } = setUp();
    const [one, two] = [await start('one'), await start('two')];
    setFate(({ topic: to }) => (to.endsWith('.kills') ? 'drop' : 'deliver'));
    for (let id = 1; id <= 2500; id++) publish(one.gateway, kill({ id }));
    const attackers = Array.from({ length: 6000 }, (_, index) => 3000 + index);
    publish(two.gateway, kill({ id: 9001, attackers }));
    for (let id = 9002; id <= 9010; id++) publish(two.gateway, kill({ id }));
    await turns(10);
    texts.length = 0;
    const late = await start('late');
    await eventually(() => late.gateway.kills.history.size === 2510, 'the kills');
    expect(Math.max(...texts)).toBeLessThan(400_000);
    expect(late.gateway.kills.history.byId(9001)?.json).toEqual(two.gateway.kills.history.byId(9001)?.json);
    expect(two.gateway.kills.history.byId(9001)?.json.length).toBeGreaterThan(400_000);
    expect(late.logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('counts a kill that nobody keeps any more', async () => {
    const { clock, join: start } = setUp();
    const one = await start('one', { history: { maxKills: 2 } });
    for (let id = 1; id <= 5; id++) publish(one.gateway, kill({ id }));
    const other = await start('other');
    await eventually(() => other.gateway.kills.ledger.size === 5, 'the kills');
    expect(other.gateway.kills.history.size).toBe(2);
    expect(other.gateway.kills.counts.total(jita, clock.now())).toBe(5);
  });

  it('tells the others what it has saved', async () => {
    const { clock, join: start } = setUp();
    const minute = Math.floor(clock.now() / minuteMs) - 5;
    const one = await start('one');
    const other = await start('other', {
      saved: {
        counts: [[jita, [[minute, 2]]]],
        taken: [
          [1, jita, minute],
          [2, jita, minute],
        ],
      },
    });
    await eventually(() => one.gateway.kills.ledger.size === 2, 'the kills');
    for (const { gateway } of [one, other]) expect(gateway.kills.counts.total(jita, clock.now())).toBe(2);
    one.gateway.merge(other.gateway.save());
    expect(one.gateway.kills.counts.total(jita, clock.now())).toBe(2);
  });
});

describe('an instance that has missed kills', () => {
  it('gets those that the bus lost, and delivers them, each once', async () => {
    const { clock, join: start, setFate } = setUp();
    const [one, other] = [await start('one'), await start('other')];
    const got = await watch(other);
    let kills = 0;
    setFate(({ topic: to }) => (to.endsWith('.kills') && ++kills % 3 === 0 ? 'drop' : 'deliver'));
    for (let id = 1; id <= 20; id++) publish(one.gateway, kill({ id }));
    await eventually(() => got().length >= 14, 'the kills');
    await eventually(async () => {
      await clock.advance(1000);
      return got().length === 20;
    }, 'the lost ones');
    expect(got().sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(other.gateway.kills.counts.total(jita, clock.now())).toBe(20);
  });

  it('gets what both sides had after a split, and delivers what is news still', async () => {
    const { clock, join: start, setFate } = setUp();
    const [one, other] = [await start('one'), await start('other')];
    setFate(() => 'drop');
    publish(one.gateway, kill({ id: 1 }));
    await clock.advance(30 * minuteMs);
    const [gotOne, gotOther] = [await watch(one), await watch(other)];
    publish(one.gateway, kill({ id: 2 }));
    publish(other.gateway, kill({ id: 2 }));
    publish(other.gateway, kill({ id: 3 }));
    setFate(() => 'deliver');
    await eventually(async () => {
      await clock.advance(1000);
      return one.gateway.kills.ledger.size === 3 && other.gateway.kills.ledger.size === 3;
    }, 'the same kills on both sides');
    await eventually(() => gotOne().length === 2 && gotOther().length === 2, 'their delivery');
    expect([gotOne().sort(), gotOther().sort()]).toEqual([
      [2, 3],
      [2, 3],
    ]);
    for (const { gateway } of [one, other]) expect(gateway.kills.counts.total(jita, clock.now())).toBe(3);
  });

  it('asks everybody where who published them is gone', async () => {
    const { clock, join: start, setFate } = setUp();
    const servers = [await start('one'), await start('two'), await start('other')];
    const [one, , other] = servers as [Instance, Instance, Instance];
    const got = await watch(other);
    setFate(({ topic: to, to: whom }) => (to.endsWith('.kills') && whom === 'other' ? 'drop' : 'deliver'));
    publish(one.gateway, kill({ id: 1 }));
    await turns(5);
    setFate(({ to }) => (to === 'one' ? 'drop' : 'deliver'));
    one.bus.setStatus('down');
    await clock.advance(20_000);
    await other.gateway.catchUp();
    await eventually(() => got().length === 1, 'the kill');
    expect(got()).toEqual([1]);
  });

  it('says so where an instance does not tell its kills', async () => {
    const { clock, join: start, setFate } = setUp();
    const [, other] = [await start('one'), await start('other')];
    setFate(({ text }) => (text.includes('.ledger') ? 'drop' : 'deliver'));
    const catching = other.gateway.catchUp();
    await turns(5);
    await clock.advance(5000);
    await catching;
    expect(other.logger.lines).toMatchObject([{ level: 'warn' }]);
  });

  it.each(['.ledger', '.kills"'])('asks again where a question gets no answer (%s)', async (question) => {
    const { clock, join: start, setFate } = setUp();
    const [one, other] = [await start('one'), await start('other')];
    const got = await watch(other);
    let isAsked = false;
    setFate(({ topic: to, text }) => {
      if (text.includes(question)) isAsked = true;
      return to.endsWith('.kills') || text.includes(question) ? 'drop' : 'deliver';
    });
    publish(one.gateway, kill({ id: 1 }));
    const catching = other.gateway.catchUp();
    await eventually(() => isAsked, 'the question');
    await clock.advance(5000);
    await catching;
    setFate(() => 'deliver');
    expect(other.gateway.kills.ledger.has(1)).toBe(false);
    await clock.advance(5000);
    await eventually(() => got().length > 0, 'the kill');
    expect(got()).toEqual([1]);
  });

  it('tells those who asked when kills are not to be had any more', async () => {
    const { clock, join: start, setFate } = setUp();
    const [one, other] = [await start('one', { history: { maxKills: 2 } }), await start('other')];
    const notices = async (payload: object) => {
      const channel = other.client().channel(topic, { systems: [jita], ...payload });
      const got = collect<object>(channel, 'events_missed');
      await join(channel);
      return got;
    };
    const [told, untold, no] = [
      await notices({ notify_missed: true }),
      await notices({}),
      await notices({ notify_missed: 1 }),
    ];
    let kills = 0;
    setFate(({ topic: to }) => (to.endsWith('.kills') && ++kills === 2 ? 'drop' : 'deliver'));
    for (let id = 1; id <= 3; id++) publish(one.gateway, kill({ id }));
    await eventually(() => other.gateway.kills.ledger.size === 3, 'the lost one');
    expect(told).toEqual([]);
    kills = 1;
    // Of those that are lost only two are kept.
    for (let id = 4; id <= 8; id++) {
      kills = id < 8 ? 1 : 5;
      publish(one.gateway, kill({ id }));
    }
    await eventually(() => told.length > 0, 'the notice');
    expect(told[0]).toEqual({ timestamp: expect.any(String) });
    await clock.advance(100);
    expect([untold, no]).toEqual([[], []]);
  });

  it('takes no nonsense', async () => {
    const { join: start } = setUp();
    const [one, other] = [await start('one'), await start('other')];
    publish(one.gateway, kill({ id: 1 }));
    await turns(10);
    const { history, ledger } = one.gateway.kills;
    ledger.add([2, jita, 29_000_000]);
    history.add({ ...JSON.parse(String(history.byId(1)?.json)), killmail_id: 2 }, Buffer.from('{"killmail_id":'));
    ledger.add([3, jita, 29_000_000]);
    history.add({ ...JSON.parse(String(history.byId(1)?.json)), killmail_id: 3 }, Buffer.from('{"killmail_id":"x"}'));
    await other.gateway.catchUp(10 * 365 * 24 * 60 * minuteMs);
    expect(known(other.gateway)).toEqual([1, 2, 3]);
    expect(other.gateway.kills.history.size).toBe(1);
    expect(other.gateway.mount.stats().ignored).toBe(1);
    expect(other.logger.lines).toMatchObject([{ message: expect.stringContaining('can not be read') }]);
  });
});
