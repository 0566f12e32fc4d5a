import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hasCommonJs, publicPackages, root } from '../test/workspace.js';
import { type Consumer, exportedNames, install, typeCheck } from './consumer.js';
import { output, packAll, type Tarballs, tool } from './tarballs.js';

const folder = mkdtempSync(join(tmpdir(), 'roomcast-packed-'));
let tarballs: Tarballs;

beforeAll(async () => {
  tarballs = await packAll(join(folder, 'tarballs'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe.each(publicPackages())('$name', (one) => {
  const tarball = () => tarballs.get(one.manifest.name) ?? '';
  const dual = hasCommonJs(one);
  let consumer: Consumer;

  beforeAll(async () => {
    consumer = await install(one, tarballs, folder);
  });

  test('publint', async () => {
    await output(tool('publint'), ['run', tarball(), '--strict'], root);
  });

  test('are the types wrong', async () => {
    const profile = dual ? 'node16' : 'esm-only';
    await output(tool('attw'), [tarball(), '--profile', profile, '--no-definitely-typed'], root);
  });

  test('holds the files it names, and no way back to the workspace', () => {
    const installed = join(consumer.folder, 'node_modules', one.manifest.name);
    expect(readdirSync(installed).sort()).toEqual([...(consumer.manifest.files ?? []), 'package.json'].sort());
    expect(readFileSync(join(installed, 'package.json'), 'utf8')).not.toMatch(/workspace:|catalog:|@roomcast\/source/);
  });

  test('imports', async () => {
    for (const names of await exportedNames(consumer, 'import')) expect(names).not.toEqual([]);
  });

  test('type-checks in Node', async () => {
    await typeCheck(consumer, 'node', dual ? ['node.mts', 'node.cts'] : ['node.mts']);
  });

  if (dual) {
    test('requires what it imports', async () => {
      expect(await exportedNames(consumer, 'require')).toEqual(await exportedNames(consumer, 'import'));
    });

    test('type-checks in a browser', async () => {
      await typeCheck(consumer, 'browser', ['browser.ts']);
    });
  }

  test.each(Object.keys(one.manifest.bin ?? {}))('%s listens, and stops when told', async (command) => {
    const server = spawn(join(consumer.folder, 'node_modules/.bin', command), {
      cwd: consumer.folder,
      env: { ...process.env, DEMO: '1', PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void server.kill('SIGKILL'));
    const exited = once(server, 'exit');
    for await (const line of createInterface(server.stdout)) {
      if (line.includes('"msg":"listening"')) server.kill('SIGTERM');
    }
    expect(await exited).toEqual([0, null]);
  });
});
