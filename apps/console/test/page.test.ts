import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consolePage } from '../serve/index.js';

const script = `console.log(${JSON.stringify('x'.repeat(500))})`;
let folder: string;
let page: (request: Request) => Promise<Response>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'roomcast-console-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'assets/index-abc.js'), script);
  const settings = (hostname: string) => ({
    services: { vmax: { url: `ws://${hostname}:8080/ws`, adminToken: 'secret' } },
  });
  page = consolePage({ folder, settings });
});

afterAll(() => rm(folder, { recursive: true }));

const get = (path: string, init: RequestInit = {}, origin = 'http://127.0.0.1:4000') =>
  page(new Request(`${origin}${path}`, init));

test('the page is asked for again each time, and answered with 304 when it is the same', async () => {
  const first = await get('/');
  expect([first.status, first.headers.get('cache-control'), first.headers.get('content-type')]).toEqual([
    200,
    'no-cache',
    'text/html; charset=utf-8',
  ]);
  expect(await first.text()).toBe('<!doctype html>');
  const again = await get('/', { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('what its files are named after is kept, and zipped for whoever takes that', async () => {
  const plain = await get('/assets/index-abc.js');
  expect(plain.headers.get('cache-control')).toContain('immutable');
  expect(await plain.text()).toBe(script);
  const zipped = await get('/assets/index-abc.js', { headers: { 'Accept-Encoding': 'br, gzip' } });
  expect([zipped.headers.get('content-encoding'), zipped.headers.get('vary')]).toEqual(['gzip', 'Accept-Encoding']);
  expect(gunzipSync(await zipped.arrayBuffer()).toString()).toBe(script);
});

test('nothing but its own scripts is run, nobody frames it, and the type of a file is not guessed', async () => {
  for (const path of ['/', '/nowhere', '/settings.json']) {
    const { headers } = await get(path);
    expect(headers.get('content-security-policy')).toMatch(
      /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/,
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('settings name the services as the page was named, and no other site learns them', async () => {
  const own = await get('/settings.json', {}, 'http://localhost:4000');
  expect(await own.json()).toEqual({ services: { vmax: { url: 'ws://localhost:8080/ws', adminToken: 'secret' } } });
  expect([own.headers.get('cache-control'), own.headers.get('access-control-allow-origin')]).toEqual([
    'no-store',
    null,
  ]);
  expect((await get('/settings.json', {}, 'http://[::1]:4000')).status).toBe(200);
  const rebound = await get('/settings.json', {}, 'http://attacker.example:4000');
  expect([rebound.status, await rebound.text()]).toEqual([403, 'Open this page by its address\n']);
});

test('only files of the folder, only to look at', async () => {
  const statuses = await Promise.all(
    ['/nowhere', '/assets', '/../package.json', '/%2e%2e/package.json'].map(async (path) => (await get(path)).status),
  );
  expect(statuses).toEqual([404, 404, 404, 404]);
  expect((await get('/', { method: 'POST' })).status).toBe(405);
  const head = await get('/', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('while the page is being built, those who ask wait', async () => {
  let built = (_folder: string) => {};
  const building = consolePage({
    folder: new Promise<string>((resolve) => {
      built = resolve;
    }),
    settings: () => ({ services: {} }),
  });
  const answer = building(new Request('http://127.0.0.1:4000/'));
  built(folder);
  expect((await answer).status).toBe(200);
});
