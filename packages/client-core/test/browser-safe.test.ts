import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const source = new URL('../src/', import.meta.url);

function importsOf(file: string): string[] {
  const text = readFileSync(new URL(file, source), 'utf8');
  return [...text.matchAll(/from '([^']+)'/g)].map(([, name]) => String(name));
}

it('imports nothing but its own files, so that browsers can load it', () => {
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const foreign = files.flatMap((file) =>
    importsOf(file)
      .filter((name) => !name.startsWith('.'))
      .map((name) => `${file} ${name}`),
  );
  expect(foreign.sort()).toEqual(['open-socket.node.ts ws', 'open-socket.ts #open-socket']);
});

it('opens a socket of the platform everywhere but in Node', () => {
  const { imports } = JSON.parse(readFileSync(new URL('../package.json', source), 'utf8'));
  const { node: _, '@roomcast/source': sources, ...others } = imports['#open-socket'];
  expect(Object.keys(others)).toEqual(['default']);
  expect(Object.values(others.default).every((file) => /open-socket\.browser\./.test(String(file)))).toBe(true);
  expect(sources.default).toBe('./src/open-socket.browser.ts');
});
