import { bundle } from '@roomcast/testing/bundle';
import { expect, it } from 'vitest';

const source = (file: string) => new URL(`../src/${file}`, import.meta.url);

it('the client needs neither React nor anything of Node, and is small', async () => {
  const main = await bundle(source('index.ts'), ['zod/mini']);
  expect(main.imports).toEqual(['zod/mini']);
  expect(main.files.filter((file) => /react|\/ws\//.test(file))).toEqual([]);
  expect(main.gzipBytes).toBeLessThan(9_800);
});

it('the hooks bring React and the client along by their names, and nothing else', async () => {
  const hooks = await bundle(source('react/index.ts'), ['react', '@roomcast/raffle-client']);
  expect(hooks.imports).toEqual(['@roomcast/raffle-client', 'react']);
  expect(hooks.files.every((file) => file.includes('/src/react/'))).toBe(true);
  expect(hooks.gzipBytes).toBeLessThan(2_000);
});
