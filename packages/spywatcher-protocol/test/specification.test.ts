import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as protocol from '../src/index.js';
import {
  activities,
  analyticsRoom,
  clientEventNames,
  connectErrors,
  defaultMaxEventsPerSecond,
  defaultMaxGuilds,
  errorTexts,
  guildRoom,
  notifyMissedParameter,
  serverEvents,
} from '../src/index.js';

const specification = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');

/** The text from a heading to the next one. */
function section(heading: string): string {
  const [, text] = specification.split(`\n${heading}\n`);
  if (text === undefined) throw new Error(`PROTOCOL.md has no heading "${heading}"`);
  return text.split(/\n#+ /)[0] as string;
}

describe('PROTOCOL.md', () => {
  it('has a section for every event, and for nothing else', () => {
    const headings = [...specification.matchAll(/^### `([\w:]+)`$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([...clientEventNames, ...Object.keys(serverEvents)]);
  });

  it.each(Object.entries(serverEvents))('has every field of %s', (event, { shape }) => {
    const text = section(`### \`${event}\``);
    for (const field of Object.keys(shape)) expect(text).toMatch(new RegExp(`[{ ]${field}[,:}]`));
    expect(text).toContain(
      event === 'error' || event === 'events:missed'
        ? 'To one socket'
        : `Room \`${event === 'analytics:update' ? analyticsRoom('<id>') : guildRoom('<id>')}\``,
    );
  });

  it('has every text that clients compare', () => {
    const { tooManyGuilds, tooManyEvents, ...plain } = errorTexts;
    const texts = [...Object.values(plain), tooManyGuilds(defaultMaxGuilds), tooManyEvents(defaultMaxEventsPerSecond)];
    for (const text of texts) expect(section('## 7. Errors and ends')).toContain(`| \`${text}\` |`);
    for (const text of Object.values(connectErrors)) expect(section('## 1. Connecting')).toContain(`\`${text}\``);
  });

  it('has what is asked for in the query', () => {
    expect(section('## 1. Connecting')).toContain(`\`${notifyMissedParameter}=true\` (\`notifyMissedParameter\`)`);
  });

  it('has every kind of activity with its fields', () => {
    const rows = section('## 9. Publishing').split('\n');
    for (const [type, { shape }] of Object.entries(activities)) {
      const row = rows.find((line) => line.startsWith(`| \`${type}\` |`));
      const own = Object.keys(shape).filter((field) => !['type', 'userId', 'username', 'timestamp'].includes(field));
      for (const field of own) expect(row).toContain(`\`${field}?`);
    }
  });

  it('gives the numbers that are in force', () => {
    const values: Record<string, unknown> = { ...protocol };
    const inSeconds = {
      pingIntervalMs: 25,
      pingTimeoutMs: 60,
      analyticsThrottleMs: 30,
      snapshotIntervalMs: 30,
      maxOverRateMs: 10,
    };
    for (const [name, seconds] of Object.entries(inSeconds)) {
      expect(protocol).toHaveProperty(name, seconds * 1000);
      expect(specification).toMatch(new RegExp(`${seconds} s[^.|]*\\(\`${name}\`\\)`));
    }
    for (const name of [
      'maxGhosts',
      'maxLurkers',
      'maxChannelDiversity',
      'lurkerPresences',
      'maxIdLength',
      'defaultMaxEventsPerSecond',
      'defaultMaxGuilds',
      'defaultMaxConnectsPerMinute',
    ] as const) {
      expect(specification).toMatch(new RegExp(`\\b${values[name]}\\b[^.|]*\\(\`${name}\`\\)`));
    }
  });

  const proofs = [...specification.matchAll(/`([\w.-]+)\/(test\/[\w.-]+)`: "([^"]+)"/g)];

  it('names what holds each promise', () => {
    expect(proofs.length).toBeGreaterThan(28);
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

  const logLines = [...specification.matchAll(/log: (.*?) \|$/gm)].flatMap(([, list]) => [
    ...(list as string).matchAll(/`([^`…]+?)(?:: …)?`/g),
  ]);

  it.each(logLines.map(([, line]) => line as string))('names a log line that there is: %s', (line) => {
    const folders = ['engine', 'server', 'socket.io', 'spywatcher-gateway'].map((name) => `../../${name}/src/`);
    const sources = folders.flatMap((folder) => textsIn(new URL(folder, import.meta.url)));
    expect(sources.some((text) => text.includes(line))).toBe(true);
  });
});

function textsIn(folder: URL): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(new URL(name, folder), 'utf8'));
}
