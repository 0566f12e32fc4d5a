import { bundle } from '@roomcast/testing/bundle';
import { expect, it } from 'vitest';

const source = (file: string) => new URL(`../src/${file}`, import.meta.url);

it('the client needs neither React nor anything of Node, and is small', async () => {
  const main = await bundle(source('index.ts'), ['zod/mini', 'socket.io-client']);
  expect(main.imports).toEqual(['socket.io-client', 'zod/mini']);
  expect(main.files.filter((file) => /react|\/ws\//.test(file))).toEqual([]);
  expect(main.gzipBytes).toBeLessThan(10_500);
});

it('a page loads nothing of Node with Socket.IO either', async () => {
  const page = await bundle(source('index.ts'), []);
  expect(page.imports).toEqual([]);
  expect(page.files.filter((file) => /react|\/ws\/|xmlhttprequest-ssl/.test(file))).toEqual([]);
});

it('the hooks bring React and the client along by their names, and nothing else', async () => {
  const hooks = await bundle(source('react/index.ts'), ['react', '@roomcast/spywatcher-client']);
  expect(hooks.imports).toEqual(['@roomcast/spywatcher-client', 'react']);
  expect(hooks.files.every((file) => file.includes('/src/react/'))).toBe(true);
  expect(hooks.gzipBytes).toBeLessThan(2_000);
});
