import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EnvironmentError, keepState, stateFile } from '@roomcast/server';
import { eventually, ManualClock, RecordingLogger } from '@roomcast/testing';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from './support/files.js';

const schema = z.object({ sequence: z.number() });

function open(dir = temporaryFolder()) {
  const logger = new RecordingLogger();
  return { dir, logger, file: stateFile(dir, 'feed', schema, logger) };
}

test('what was saved is there after a restart', async () => {
  const { dir, file } = open(join(temporaryFolder(), 'made', 'on demand'));
  expect(file.load()).toBeUndefined();
  await file.save({ sequence: 1 });
  await file.save({ sequence: 2 });
  expect(open(dir).file.load()).toEqual({ sequence: 2 });
  expect(readdirSync(dir)).toEqual(['feed.json']);
});

test('saves that come at once are written one after the other, the last one last', async () => {
  const { dir, file } = open();
  await Promise.all(Array.from({ length: 50 }, (_, sequence) => file.save({ sequence })));
  expect(open(dir).file.load()).toEqual({ sequence: 49 });
});

test.each(['{"sequence":', '{"sequence":"1"}', '', 'null'])('saved state that is %j is put aside', async (content) => {
  const { dir, file, logger } = open();
  writeFileSync(file.path, content);
  expect(file.load()).toBeUndefined();
  expect(readFileSync(join(dir, 'feed.json.bad'), 'utf8')).toBe(content);
  expect(existsSync(file.path)).toBe(false);
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { file: file.path } }]);
  await file.save({ sequence: 3 });
  expect(open(dir).file.load()).toEqual({ sequence: 3 });
});

test('a save that fails leaves what was there, and the next one is written', async () => {
  const { dir, file } = open();
  await file.save({ sequence: 1 });
  // A folder of that name is in everybody's way, root's included, as a full disk would be.
  mkdirSync(`${file.path}.tmp`);
  await expect(file.save({ sequence: 2 })).rejects.toThrow();
  expect(open(dir).file.load()).toEqual({ sequence: 1 });
  rmdirSync(`${file.path}.tmp`);
  await file.save({ sequence: 2 });
  expect(open(dir).file.load()).toEqual({ sequence: 2 });
});

test('a folder that can not be made is one line that names STATE_DIR', () => {
  const path = join(temporaryFolder(), 'file');
  writeFileSync(path, '');
  expect(() => open(join(path, 'below'))).toThrow(EnvironmentError);
  expect(() => open(join(path, 'below'))).toThrow(/^STATE_DIR: expected a folder that can be written, got ENOTDIR/);
});

test('a keeper saves on its timer and at the end', async () => {
  const clock = new ManualClock();
  const { dir, file, logger } = open();
  let sequence = 1;
  const keeper = keepState({ file, read: () => ({ sequence }), logger, everyMs: 1000, clock });
  await clock.advance(999);
  expect(existsSync(file.path)).toBe(false);
  await clock.advance(1);
  await eventually(() => existsSync(file.path), 'the first save');
  sequence = 2;
  await keeper.close();
  expect(open(dir).file.load()).toEqual({ sequence: 2 });
  sequence = 3;
  await clock.advance(5000);
  expect(open(dir).file.load()).toEqual({ sequence: 2 });
});

test('a keeper that can not save says so and goes on', async () => {
  const clock = new ManualClock();
  const { dir, file, logger } = open();
  mkdirSync(`${file.path}.tmp`);
  keepState({ file, read: () => ({ sequence: 1 }), logger, everyMs: 1000, clock });
  await clock.advance(1000);
  await eventually(() => logger.lines.length > 0, 'the line in the log');
  expect(logger.lines[0]).toMatchObject({ level: 'error', message: 'saving state failed' });
  rmdirSync(`${file.path}.tmp`);
  await clock.advance(1000);
  await eventually(() => existsSync(file.path), 'the next save');
  expect(open(dir).file.load()).toEqual({ sequence: 1 });
});
