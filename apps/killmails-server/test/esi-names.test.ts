import { noNames } from '@roomcast/killmails-protocol';
import { eventually, ManualClock, RecordingLogger } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EsiNames, type EsiNamesOptions } from '../src/upstream/esi-names.js';
import { EsiServer } from './support/esi-server.js';
import { unreachable } from './support/unreachable.js';

async function namesOf(options: Partial<EsiNamesOptions> = {}) {
  const server = await new EsiServer().start();
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const known = { ...noNames, ship: (id: number) => (id === 587 ? 'Rifter' : undefined) };
  const esi = new EsiNames({ url: server.url, userAgent: 'names-test', clock, logger, known, ...options });
  onTestFinished(() => esi.stop());
  return { esi, server, clock, logger };
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);

test('learns names in one request, and says who asks', async () => {
  const { esi, server } = await namesOf();
  await esi.learn([90_000_001, 98_000_001, 99_000_001, 90_000_001]);
  expect(server.lists).toEqual([[90_000_001, 98_000_001, 99_000_001]]);
  expect(server.headers[0]).toMatchObject({ 'user-agent': 'names-test', 'content-type': 'application/json' });
  expect(esi.names.character(90_000_001)).toBe('Name 90000001');
  expect(esi.names.corporation(98_000_001)).toBe('Name 98000001');
  expect(esi.names.alliance(99_000_001)).toBe('Name 99000001');
  expect(esi.names.character(90_000_002)).toBeUndefined();
});

test('asks for nothing twice, nor for what is known already or can have no name', async () => {
  const { esi, server } = await namesOf();
  await esi.learn([1001]);
  await esi.learn([1001, 587, 0, -4, 2 ** 31]);
  expect(server.lists).toEqual([[1001]]);
  expect(esi.names.ship(587)).toBe('Rifter');
});

test('ships and systems that are not known come from ESI too', async () => {
  const { esi } = await namesOf();
  await esi.learn([90694, 30009999]);
  expect(esi.names.ship(90694)).toBe('Name 90694');
  expect(esi.names.system(30009999)).toBe('Name 30009999');
});

test('sends at most a thousand ids at once', async () => {
  const { esi, server } = await namesOf();
  await esi.learn(range(2001, 2500));
  expect(server.lists.map((list) => list.length)).toEqual([1000, 1000, 500]);
  expect(esi.names.character(4500)).toBe('Name 4500');
});

test('finds the ids that ESI does not know and learns all others', async () => {
  const { esi, server, clock } = await namesOf();
  server.unknown.add(2333).add(2700);
  await esi.learn(range(2001, 1000));
  const learned = range(2001, 1000).filter((id) => esi.names.character(id) !== undefined);
  expect(learned).toEqual(range(2001, 1000).filter((id) => id !== 2333 && id !== 2700));
  const requests = server.lists.length;
  expect(requests).toBeLessThan(45);
  await esi.learn(range(2001, 1000));
  expect(server.lists).toHaveLength(requests);
  await clock.advance(3_600_000);
  await esi.learn([2333, 2334]);
  expect(server.lists.slice(requests)).toEqual([[2333]]);
});

test('gives a list up that is full of unknown ids', async () => {
  const { esi, server } = await namesOf();
  for (const id of range(2001, 1000)) server.unknown.add(id);
  await esi.learn(range(2001, 1000));
  expect(server.lists).toHaveLength(40);
});

test('forgets the names that were unused longest', async () => {
  const { esi, server } = await namesOf({ maxNames: 3 });
  await esi.learn([1, 2, 3]);
  expect(esi.names.character(1)).toBeDefined();
  await esi.learn([4]);
  expect([1, 2, 3, 4].map((id) => esi.names.character(id))).toEqual(['Name 1', undefined, 'Name 3', 'Name 4']);
  await esi.learn([2]);
  expect(server.lists.at(-1)).toEqual([2]);
});

describe('when ESI is not well', () => {
  test.each([
    ['an error', {}, 30_000],
    ['Retry-After', { 'Retry-After': '90' }, 90_000],
    ['a spent error limit', { 'X-ESI-Error-Limit-Reset': '45' }, 45_000],
  ])('after %s it is left alone for a while', async (_, headers, coolDownMs) => {
    const { esi, server, clock, logger } = await namesOf();
    server.instead = (response) => response.writeHead(503, headers).end();
    await esi.learn([1]);
    server.instead = undefined;
    await clock.advance(coolDownMs - 1);
    await esi.learn([1]);
    expect(server.lists).toHaveLength(1);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { reason: 'HTTP 503', waitMs: coolDownMs } }]);
    await clock.advance(1);
    await esi.learn([1]);
    expect(esi.names.character(1)).toBe('Name 1');
  });

  test('stops looking for unknown ids when few errors are left', async () => {
    const { esi, server } = await namesOf();
    server.unknown.add(2001);
    server.refusalHeaders = { 'X-ESI-Error-Limit-Remain': '19', 'X-ESI-Error-Limit-Reset': '60' };
    await esi.learn(range(2001, 8));
    expect(server.lists).toHaveLength(1);
  });

  test.each(['no JSON', '{"names":[]}', '[{"id":1}]'])('an answer of %s is no reason to fail', async (body) => {
    const { esi, server, logger } = await namesOf();
    server.instead = (response) => response.end(body);
    await esi.learn([1]);
    expect(esi.names.character(1)).toBeUndefined();
    expect(logger.lines).toHaveLength(1);
  });

  test('nobody waits longer than two seconds, and what comes later is kept', async () => {
    const { esi, server, clock } = await namesOf();
    let answer = () => {};
    server.instead = (response) => {
      answer = () => response.end('[{"id":1,"name":"Late"}]');
    };
    const learned = esi.learn([1]);
    await eventually(() => server.lists.length === 1, 'the request');
    await clock.advance(2000);
    await learned;
    expect(esi.names.character(1)).toBeUndefined();
    // No second request beside the one that is overdue, and no wait for it either.
    await esi.learn([2]);
    expect(server.lists).toHaveLength(1);
    answer();
    await eventually(() => esi.names.character(1) === 'Late', 'the late name');
    server.instead = undefined;
    await esi.learn([2]);
    expect(esi.names.character(2)).toBe('Name 2');
  });

  test('a server that cannot be reached is no reason to fail', async () => {
    const { esi, logger } = await namesOf({ url: await unreachable() });
    await esi.learn([1]);
    expect(logger.lines).toHaveLength(1);
  });
});
