import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { bundle } from '@roomcast/testing/bundle';
import { expect, it, onTestFinished } from 'vitest';

const source = (file: string) => new URL(`../src/${file}`, import.meta.url);

it('the main entry loads no React where it is built, as a module and as CommonJS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'falcon-client-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const tsup = fileURLToPath(new URL('../../../node_modules/.bin/tsup', import.meta.url));
  await promisify(execFile)(tsup, ['--no-dts', '--out-dir', folder], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  const loadedBy = (file: string) => {
    const text = readFileSync(join(folder, file), 'utf8');
    return new Set([...text.matchAll(/(?:from |import |import\(|require\()["']([^"']+)["']/g)].map(([, name]) => name));
  };
  const packages = ['@roomcast/client-core', '@roomcast/client-core/open-socket', '@roomcast/falcon-protocol'];
  expect(loadedBy('index.js')).toEqual(new Set(packages));
  expect(loadedBy('index.cjs')).toEqual(new Set(packages));
  expect(loadedBy('react.js')).toContain('react');
});

it('the client needs neither React nor anything of Node, and is small', async () => {
  const main = await bundle(source('index.ts'), ['zod/mini']);
  expect(main.imports).toEqual(['zod/mini']);
  expect(main.files.filter((file) => /react|\/ws\//.test(file))).toEqual([]);
  expect(main.gzipBytes).toBeLessThan(10_200);
  const own = await bundle(source('index.ts'), [
    'zod/mini',
    '@roomcast/client-core',
    '@roomcast/client-core/open-socket',
  ]);
  expect(own.gzipBytes).toBeLessThan(6_200);
});

it('the hooks bring React and the client along by their names, and nothing else', async () => {
  const hooks = await bundle(source('react/index.ts'), ['react', 'react/jsx-runtime', '@roomcast/falcon-client']);
  expect(hooks.imports).toEqual(['@roomcast/falcon-client', 'react', 'react/jsx-runtime']);
  expect(hooks.files.every((file) => file.includes('/src/react/'))).toBe(true);
  expect(hooks.gzipBytes).toBeLessThan(3_500);
});

it('the chat hooks bring TanStack Query and the other hooks along by their names, and nothing else', async () => {
  const names = ['@roomcast/falcon-client', '@roomcast/falcon-client/react', '@tanstack/react-query', 'react'];
  const chat = await bundle(source('react-query/index.ts'), names);
  expect(chat.imports).toEqual(names);
  expect(chat.files.every((file) => file.includes('/src/react-query/'))).toBe(true);
  expect(chat.gzipBytes).toBeLessThan(3_500);
});

it.each([
  ["what the application's build says", { 'import.meta.env': '{"VITE_WS_URL":"ws://configured"}' }, 'ws://configured'],
  ['the public service without', {}, 'wss://go.eveonline.it/websocket/connect'],
])('the URL is %s', async (_name, define, expected) => {
  const built = await bundle(source('react/default-url.ts'), [], { define, minify: false });
  const code = Buffer.from(built.code).toString('base64');
  const { configuredUrl } = await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`);
  expect(configuredUrl()).toBe(expected);
});
