import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  accessClaims,
  clientMessages,
  closeReasons,
  connectionStats,
  eventFields,
  eventTypes,
  type Filter,
  filterFields,
  refusals,
} from '../src/index.js';

const specification = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');

/** The text from a heading to the next one. */
function section(heading: string): string {
  const [, text] = specification.split(`\n${heading}\n`);
  if (text === undefined) throw new Error(`PROTOCOL.md has no heading "${heading}"`);
  return text.split(/\n#+ /)[0] as string;
}

/** The cells of the rows of a section's tables, without padding. */
function rows(heading: string): string[][] {
  const lines = section(heading).split('\n');
  return lines
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

describe('the specification', () => {
  it.each(Object.keys(clientMessages))('has the client message %s', (type) => {
    expect(section(`### \`${type}\``)).toContain('Direction: client → server');
  });

  it.each(eventTypes)('has the event %s with its fields', (type) => {
    const text = section(`### \`${type}\``);
    for (const field of Object.keys(eventFields[type])) expect(text).toContain(`\`${field}\``);
  });

  it('has pong and events_missed', () => {
    expect(section('### `pong`')).toContain('timestamp');
    expect(section('### `events_missed`')).toContain('`notify_missed: true`');
  });

  it.each(eventTypes)('says what the filters compare with for %s', (type) => {
    const row = rows('## 4. Subscriptions').find(([name]) => name === `\`${type}\``);
    const fields: Partial<Record<Filter, string>> = filterFields[type];
    for (const [column, filter] of (['raffle_id', 'item_id', 'user_id'] as const).entries()) {
      const field = fields[filter];
      expect(row?.[column + 1]).toBe(
        field === undefined ? '' : `${field === 'winner_user_ids' ? 'any of ' : ''}\`${field}\``,
      );
    }
    expect(row?.[4]).toBe(fields.raffle_id === undefined ? 'named room' : '`raffle_<raffle_id>`, named room');
  });

  it.each(Object.values(closeReasons))('has the close $code $reason', ({ code, reason }) => {
    const closes = rows('## 7. Refusals and closes').map(([status, text]) => `${status} ${text}`.trim());
    expect(closes).toContain(reason === '' ? String(code) : `${code} \`${reason}\``);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it.each(Object.values(refusals))('has the refusal %d', (status) => {
    expect(rows('## 7. Refusals and closes').map(([first]) => first)).toContain(String(status));
  });

  it('has the claims and the statistics', () => {
    const claims = rows('### `auth`').map(([name]) => name);
    for (const claim of Object.keys(accessClaims.shape)) expect(claims).toContain(`\`${claim}\``);
    const fields = rows('## 10. Statistics').map(([name]) => name);
    for (const field of Object.keys(connectionStats.shape)) expect(fields).toContain(`\`${field}\``);
  });
});
