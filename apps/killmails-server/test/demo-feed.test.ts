import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseKillmail, toKillmail } from '@roomcast/killmails-protocol';
import { ManualClock, RecordingLogger, turns } from '@roomcast/testing';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { dataFile } from '../src/data.js';
import { DemoFeed } from '../src/demo/feed.js';
import { FreshIds } from '../src/demo/fresh-ids.js';
import { freshen, type RecordedKillmail } from '../src/demo/freshen.js';
import { madeUpNames } from '../src/demo/made-up-names.js';
import { Replay } from '../src/demo/replay.js';
import { knownNames } from '../src/known-names.js';
import { type Recorded, recorded } from './support/kills.js';

const five = new Set([30000142, 30002659, 30002187, 30002053, 30002510]);

interface Emitted {
  killmail_id: number;
  killmail_time: string;
  solar_system_id: number;
  victim: { character_id?: number; character_name?: string };
  attackers: { character_id?: number; character_name?: string }[];
  zkb: { hash: string };
}

interface Taken {
  killmail: Emitted;
  at: number;
}

interface Running {
  feed: DemoFeed;
  clock: ManualClock;
  logger: RecordingLogger;
  taken: Taken[];
}

function feedOf(path = dataFile('killmails.jsonl')): Running {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const taken: Taken[] = [];
  const feed = new DemoFeed({
    path,
    clock,
    logger,
    take(killmail) {
      taken.push({ killmail: killmail as Emitted, at: clock.now() });
      return Promise.resolve(undefined);
    },
  });
  return { feed, clock, logger, taken };
}

/** Lets the feed's time pass until something holds. */
async function until({ clock }: Running, what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come within ${withinMs} ms`);
    if (clock.pending > 0) await clock.advance(50);
    else await turns();
  }
}

describe('two rounds', () => {
  const rounds = 2;
  let taken: Taken[];

  beforeAll(async () => {
    const running = feedOf();
    running.feed.start();
    const count = recorded.length * rounds;
    await until(running, 'two rounds', () => running.taken.length >= count, 50_000);
    await running.feed.stop();
    expect(running.logger.lines).toEqual([]);
    taken = running.taken.slice(0, count);
  });

  test('every kill is a valid killmail', () => {
    for (const { killmail } of taken) expect(parseKillmail(killmail)).toMatchObject({ ok: true });
  });

  test('each has an id and a hash of its own, and its time is now', () => {
    expect(new Set(taken.map(({ killmail }) => killmail.killmail_id)).size).toBe(taken.length);
    expect(new Set(taken.map(({ killmail }) => killmail.zkb.hash)).size).toBe(taken.length);
    for (const { killmail, at } of taken) {
      expect(Math.abs(Date.parse(killmail.killmail_time) - at)).toBeLessThanOrEqual(1000);
      expect(killmail.killmail_time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
  });

  test('half of them happen in the five systems, in each of them many', () => {
    const moved = taken.filter(({ killmail }) => five.has(killmail.solar_system_id));
    expect(moved.length / taken.length).toBeGreaterThan(0.48);
    expect(moved.length / taken.length).toBeLessThan(0.55);
    for (const system of five) {
      const there = moved.filter(({ killmail }) => killmail.solar_system_id === system);
      expect(there.length).toBeGreaterThan(moved.length / 10);
    }
  });

  test('about one comes every second, never two at once', () => {
    const gaps = taken.slice(1).map(({ at }, index) => at - (taken[index]?.at ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(900);
    expect(mean).toBeLessThan(1200);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(400);
  });

  test('the largest come in every round, and never in its first minutes', () => {
    const places = taken.flatMap(({ killmail }, index) => (killmail.attackers.length > 200 ? [index] : []));
    const large = recorded.filter(({ killmail }) => killmail.attackers.length > 200).length;
    expect(places).toHaveLength(large * rounds);
    for (const place of places) expect(place % recorded.length).toBeGreaterThan(180);
  });

  test('every player has an invented name, always the same', () => {
    const names = new Map<number, string>();
    for (const { killmail } of taken) {
      for (const { character_id, character_name } of [killmail.victim, ...killmail.attackers]) {
        if (character_id === undefined) continue;
        expect(character_name).toBe(names.get(character_id) ?? character_name);
        expect(character_name).toMatch(/^\w+ [A-Z] \w+$/);
        names.set(character_id, character_name as string);
      }
    }
    expect(names.size).toBeGreaterThan(7000);
  });

  test('ships and systems have their real names', () => {
    const names = knownNames();
    for (const { killmail } of taken) {
      const parsed = parseKillmail(killmail);
      if (!parsed.ok) throw new Error('not a killmail');
      const { solar_system_name, victim } = toKillmail(parsed.value, names);
      expect(solar_system_name).toMatch(/\w/);
      if (victim.ship_type_id !== undefined) expect(victim.ship_type_name).toBeTruthy();
    }
  });
});

test('a moved kill tells no place of its old system, one that stays does', () => {
  const { killmail, zkb } = recorded.find(({ zkb }) => zkb?.locationID !== undefined) as Required<Recorded>;
  const line = { killmail: { ...killmail, moon_id: 40000001 }, zkb } as unknown as RecordedKillmail;
  const at = Date.UTC(2026, 5, 1, 12, 30, 45, 678);
  expect(freshen(line, { id: 1, at, system: undefined })).toMatchObject({
    killmail_time: '2026-06-01T12:30:45Z',
    solar_system_id: killmail.solar_system_id,
    moon_id: 40000001,
    zkb: { locationID: zkb.locationID },
  });
  const moved = JSON.stringify(freshen(line, { id: 1, at, system: 30002510 }));
  expect(moved).toContain('"solar_system_id":30002510');
  expect(moved).not.toMatch(/locationID|moon_id/);
});

test('the same id has the same invented names in every process', () => {
  expect(madeUpNames.character(95465499)).toBe(madeUpNames.character(95465499));
  expect(madeUpNames.character(95465499)).not.toBe(madeUpNames.character(95465500));
});

test('fresh ids do not meet those of an earlier process', () => {
  const earlier = new FreshIds();
  const start = Date.UTC(2026, 5, 1);
  const given = new Set<number>();
  for (let second = 0; second < 1000; second++) given.add(earlier.next(start + second * 1000));
  const later = new FreshIds();
  for (let second = 1000; second < 2000; second++) expect(given.has(later.next(start + second * 1000))).toBe(false);
});

test('fresh ids rise even where the clock stands still or goes back', () => {
  const ids = new FreshIds();
  const first = ids.next(Date.UTC(2026, 5, 1));
  expect(ids.next(Date.UTC(2026, 5, 1))).toBe(first + 1);
  expect(ids.next(Date.UTC(2026, 4, 1))).toBe(first + 2);
  expect(first).toBeLessThan(2 ** 31);
});

test('a line that is no killmail is logged, and the feed goes on', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'roomcast-demo-')), 'lines.jsonl');
  writeFileSync(path, `no json\n${JSON.stringify(recorded[0])}\n`);
  const running = feedOf(path);
  running.feed.start();
  const { taken, logger } = running;
  await until(running, 'kills and errors', () => taken.length >= 2 && logger.lines.length >= 2);
  await running.feed.stop();
});

test('a stopped feed publishes nothing more and can be started again', async () => {
  const running = feedOf();
  const { feed, taken, clock } = running;
  feed.start();
  feed.start();
  await until(running, 'a kill', () => taken.length === 1);
  await feed.stop();
  expect(feed.status.state).toBe('stopped');
  expect(clock.pending).toBe(0);
  feed.start();
  await until(running, 'another kill', () => taken.length === 2);
  await feed.stop();
});

test('a file without lines is an error', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'roomcast-demo-')), 'empty.jsonl');
  writeFileSync(path, '\n\n');
  const replay = new Replay(path);
  onTestFinished(() => replay.close());
  await expect(replay.next()).rejects.toThrow('expected lines');
});
