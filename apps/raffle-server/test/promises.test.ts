import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const specification = readFileSync(new URL('packages/raffle-protocol/PROTOCOL.md', root), 'utf8');
const [, checklist = ''] = specification.split('\n## 12. What holds each promise\n');

/** `folder/test/file.ts › title`, as the checklist writes it. */
const references = [...new Set(checklist.match(/[\w-]+\/test\/[\w.-]+\.ts(?: › [^`]+)?/g))];

function source(path: string): string {
  const found = ['packages/', 'apps/'].map((folder) => new URL(folder + path, root)).find((url) => existsSync(url));
  if (found === undefined) throw new Error(`there is no ${path}`);
  return readFileSync(found, 'utf8');
}

it('the checklist names tests for the whole document', () => {
  expect(references.length).toBeGreaterThan(50);
});

it.each(references)('%s exists', (reference) => {
  const [path = '', title = ''] = reference.split(' › ');
  expect(source(path)).toContain(title);
});
