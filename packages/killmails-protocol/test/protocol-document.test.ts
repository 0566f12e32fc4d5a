import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  clientMessages,
  closeReasons,
  optInEvents,
  reasons,
  refusals,
  replies,
  serverEvents,
  unchanged,
} from '../src/index.js';

const text = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
const [specification = '', promises = ''] = text.split('\n## 9. ');
const root = new URL('../../../', import.meta.url);

describe('PROTOCOL.md', () => {
  it.each([
    ...Object.keys(clientMessages),
    ...Object.keys(replies),
    ...Object.keys(serverEvents),
    ...Object.keys(optInEvents),
  ])('has a heading for %s', (tag) => {
    expect(specification).toContain(`\n### \`${tag}\`\n`);
  });

  it.each(['phx_reply', 'phx_leave', 'phx_close', 'phx_error', 'heartbeat'])(
    'has a heading for Phoenix’s own %s',
    (tag) => {
      expect(specification).toContain(`\n### \`${tag}\`\n`);
    },
  );

  it('has no heading for what there is not', () => {
    const own = ['phx_reply', 'phx_leave', 'phx_close', 'phx_error', 'heartbeat'];
    const known = [...own, ...Object.keys(clientMessages), ...Object.keys(serverEvents), ...Object.keys(optInEvents)];
    const headings = [...specification.matchAll(/^### `(.+)`$/gm)].map(([, tag]) => tag);
    expect(headings.sort()).toEqual(known.sort());
  });

  it('has every text that is sent', () => {
    for (const reason of Object.values(reasons)) {
      const sent = [
        typeof reason === 'string' ? reason : reason(100),
        typeof reason === 'string' ? reason : reason(1000),
      ];
      expect(sent.some((one) => specification.includes(`\`${one}\``))).toBe(true);
    }
    for (const message of Object.values(unchanged)) expect(specification).toContain(message);
  });

  it('has every close code and every status of a refusal, and no close with 1000', () => {
    for (const { code } of Object.values(closeReasons)) expect(specification).toMatch(new RegExp(`^\\| ${code} `, 'm'));
    for (const status of Object.values(refusals)) expect(specification).toMatch(new RegExp(`^\\| ${status} `, 'm'));
    expect(Object.values(closeReasons).map(({ code }) => code)).not.toContain(1000);
    for (const { reason } of Object.values(closeReasons)) expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  const references = [...promises.matchAll(/`([\w-]+)\/(test\/[\w-]+\.test\.ts) › ([^`]+)`/g)];

  it('names what holds each promise', () => {
    expect(references.length).toBeGreaterThan(60);
    const rows = promises.split('\n').filter((line) => /^\| (?!promise|-)/.test(line));
    for (const row of rows) expect(row).toMatch(/test\.ts › |apps\/bench/);
  });

  it('names only tests that there are', () => {
    for (const [, folder, file, title] of references) {
      const path = ['packages', 'apps'].map((parent) => new URL(`${parent}/${folder}/${file}`, root)).find(existsSync);
      const tests = path ? readFileSync(path, 'utf8') : '';
      expect(tests.replaceAll("\\'", "'"), `${folder}/${file}`).toContain(title);
    }
  });
});
