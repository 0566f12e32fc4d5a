import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNode } from '@roomcast/testing';
import { expect, test } from 'vitest';

const main = new URL('../src/main.ts', import.meta.url);

async function bench(args: readonly string[], env: Record<string, string> = {}) {
  const { exited, output } = await runNode(main, env, args);
  const [code] = await exited;
  return { code, ...output };
}

test('a case that does not exist is one line and exit code 1', async () => {
  const { code, out, err } = await bench(['--case', 'everything']);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^bench: --case: expected one of .*, got "everything"\n$/);
});

test('a port in use is one line and exit code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { code, err } = await bench(['--case', 'requests', '--port', String(port)]);
  taken.close();
  expect(code).toBe(1);
  expect(err.split('\n').filter((line) => !line.startsWith('['))).toEqual([`bench: port ${port} is in use`, '']);
});

test('a folder that can not be written is one line and exit code 1, before anything is measured', async () => {
  const { code, out, err } = await bench(['--out', `${fileURLToPath(main)}/no`]);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(/^bench: the results can't be written: .*\n$/);
});

test('a case runs from end to end, in processes of their own, and leaves its results', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const args = ['--case', 'requests', '--rounds', '1', '--seconds', '0.1', '--out', folder];
    const { code, out, err } = await bench(args);
    expect(code, err).toBe(0);
    expect(out).toMatch(/^roomcast +[\d.]+ +[\d.]+ +[\d.]+ +0 %/m);
    expect(err).toContain('[1/1] requests, round 1/1: roomcast');
    const json = JSON.parse(readFileSync(join(folder, 'partial.json'), 'utf8'));
    expect(Object.keys(json.cases[0].rounds[0])).toEqual(expect.arrayContaining(['ws', 'socket.io', 'roomcast']));
    expect(existsSync(join(folder, 'partial.svg'))).toBe(true);
    // Only a full run replaces what is published.
    expect(existsSync(join(folder, 'latest.json'))).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what is not installed is said, and the others run', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const args = ['--case', 'instances', '--rounds', '1', '--seconds', '0.1', '--out', folder];
    const { code, out } = await bench(args, { PATH: folder });
    expect(code).toBe(0);
    expect(out).toContain('roomcast redis: redis-server is not installed');
    expect(out).toContain('Note: taskset is missing');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
