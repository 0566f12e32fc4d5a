import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  clientMessages,
  clientMessageTypes,
  closeReasons,
  errorCodes,
  messageTypes,
  notifyMissedParameter,
  roomTypes,
  serverData,
} from '../src/index.js';

const specification = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
const headings = [...specification.matchAll(/^### `(\w+)`$/gm)].map(([, heading]) => heading);

describe('the specification', () => {
  it('has a section for every message, and for nothing else', () => {
    expect(headings.sort()).toEqual([...messageTypes].sort());
    expect(Object.keys(serverData).sort()).toEqual([...messageTypes].sort());
    expect(Object.keys(clientMessages).sort()).toEqual([...clientMessageTypes].sort());
  });

  it('has every code of an error, every close and every kind of room', () => {
    for (const code of errorCodes) expect(specification).toContain(`| \`${code}\` | `);
    for (const type of roomTypes) expect(specification).toContain(`| \`${type}\` | `);
    for (const { code, reason } of Object.values(closeReasons)) {
      expect(specification).toMatch(new RegExp(`^\\| ${code} \\| .*\`${reason}\``, 'm'));
      expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
    }
  });

  it('has what is asked for in the query', () => {
    expect(specification).toContain(`\`?${notifyMissedParameter}=true\` (\`notifyMissedParameter\`)`);
  });

  const proofs = [...specification.matchAll(/`(falcon-\w+|examples)\/(test\/[\w./-]+)`: "([^"]+)"/g)];

  it('names what holds each promise', () => {
    expect(proofs.length).toBeGreaterThan(30);
  });

  it.each(proofs.map(([, name, path, title]) => ({ name, path, title })))(
    'names a test that there is: $name/$path "$title"',
    ({ name, path, title }) => {
      const found = ['packages', 'apps']
        .map((folder) => new URL(`../../../${folder}/${name}/${path}`, import.meta.url))
        .find((url) => existsSync(url));
      expect(found, 'the file').toBeDefined();
      expect(readFileSync(found as URL, 'utf8')).toContain(title);
    },
  );

  const [, complaints = ''] = specification.split('| complaint | log line |');
  const logLines = complaints.split('\n').flatMap((row) => [...(row.split('|')[2] ?? '').matchAll(/`([^`]+)`/g)]);

  it('names the log lines for complaints', () => expect(logLines.length).toBeGreaterThan(10));

  it.each(logLines.map(([, line]) => line as string))('names a log line that there is: %s', (line) => {
    const folders = ['engine', 'server', 'falcon-gateway'].map(
      (name) => new URL(`../../${name}/src/`, import.meta.url),
    );
    expect(folders.flatMap(textsIn).some((text) => text.includes(`'${line}'`))).toBe(true);
  });
});

function textsIn(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}
