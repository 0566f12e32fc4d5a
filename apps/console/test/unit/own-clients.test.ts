import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { serviceNames } from '../../src/services/names.js';

const source = fileURLToPath(new URL('../../src', import.meta.url));
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const textOf = (file: string) => readFileSync(join(source, file), 'utf8');

/** The packages that some files import, without what is below their entry points. */
function packagesOf(folder: string): string[] {
  const texts = files.filter((file) => file.startsWith(folder)).map(textOf);
  const names = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import\()\s*'([^'.][^']*)'/g)].map(([, name]) => name),
  );
  return [...new Set(names.map((name) => /^(@[^/]+\/)?[^/]+/.exec(name ?? '')?.[0] ?? ''))].sort();
}

test('every view stands on the client of its service', () => {
  for (const name of serviceNames) {
    const ours = packagesOf(`views/${name}/`).filter((one) => one.startsWith('@roomcast/'));
    expect(ours.filter((one) => one !== '@roomcast/client-core')).toEqual([`@roomcast/${name}-client`]);
  }
});

test('nothing else speaks to the services: no protocol by hand, and sockets only where clients take theirs', () => {
  const allowed = /^(react|react-dom|uplot|zod|@roomcast\/(client-core|\w+-client))$/;
  expect(packagesOf('').filter((name) => !allowed.test(name))).toEqual([]);
  const opening = files.filter((file) => /new (WebSocket|EventSource|XMLHttpRequest)\b/.test(textOf(file)));
  expect(opening).toEqual(['frames/tap.ts']);
});
