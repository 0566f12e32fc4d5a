import type { Spread } from '@roomcast/engine';
import { BusDownError } from '@roomcast/engine';
import { type Killmail, noNames } from '@roomcast/killmails-protocol';
import { RecordingLogger, turns } from '@roomcast/testing';
import { expect, test } from 'vitest';
import { Ingest, type IngestOptions } from '../src/upstream/ingest.js';
import { r2z2Body, recorded } from './support/kills.js';

const spread: Spread = { done: Promise.resolve(), retry: () => Promise.resolve() };

function ingestOf(options: Partial<IngestOptions> = {}) {
  const killmails: Killmail[] = [];
  const logger = new RecordingLogger();
  const ingest = new Ingest({
    publish(killmail) {
      killmails.push(killmail);
      return spread;
    },
    names: noNames,
    logger,
    ...options,
  });
  return { ingest, killmails, logger };
}

test('publishes every real killmail', async () => {
  const { ingest, killmails } = ingestOf();
  for (const index of recorded.keys()) expect(await ingest.take(r2z2Body(index))).toBeUndefined();
  expect(killmails.map(({ killmail_id }) => killmail_id)).toEqual(recorded.map(({ killmail }) => killmail.killmail_id));
});

test('asks for the names that a killmail lacks before it is published', async () => {
  const names = new Map<number, string>();
  const asked: number[][] = [];
  const { ingest, killmails } = ingestOf({
    names: { ...noNames, character: (id) => names.get(id), ship: (id) => names.get(id) },
    async learn(ids) {
      asked.push([...ids]);
      await turns(5);
      for (const id of ids) names.set(id, `Name ${id}`);
    },
  });
  const attacker = { character_id: 3, character_name: 'Known', corporation_id: 4, damage_done: 1 };
  const killmail = {
    killmail_id: 1,
    kill_time: '2026-01-01T00:00:00Z',
    system_id: 30000142,
    solar_system_name: 'Jita',
    victim: { character_id: 2, ship_type_id: 587 },
    attackers: [attacker],
  };
  await ingest.take(killmail);
  expect(asked).toEqual([[2, 587, 4]]);
  expect(killmails[0]?.victim).toMatchObject({ character_name: 'Name 2', ship_type_name: 'Name 587' });
  expect(killmails[0]?.attackers[0]?.character_name).toBe('Known');
});

test.each([null, 1, 'x', [], {}, { killmail_id: 1, esi: {} }])('tells what is wrong with %j', async (input) => {
  const { ingest, killmails } = ingestOf();
  expect(await ingest.take(input)).toMatch(/expected/);
  expect(killmails).toEqual([]);
});

test('a publisher that throws is logged and does not end the feed', async () => {
  const { ingest, logger } = ingestOf({
    publish() {
      throw new Error('broken');
    },
  });
  expect(await ingest.take(r2z2Body(0))).toBe('not published');
  expect(logger.lines).toMatchObject([{ level: 'error' }]);
});

test('a bus that is down is told once, until it is up again', async () => {
  let done: Promise<void> = Promise.reject(new BusDownError());
  done.catch(() => {});
  const { ingest, logger } = ingestOf({ publish: () => ({ done, retry: () => done }) });
  await ingest.take(r2z2Body(0));
  await ingest.take(r2z2Body(1));
  await turns();
  expect(logger.lines).toMatchObject([{ level: 'warn' }]);
  const down = done;
  done = Promise.resolve();
  await ingest.take(r2z2Body(2));
  done = down;
  await ingest.take(r2z2Body(3));
  await turns();
  expect(logger.lines).toHaveLength(2);
});
