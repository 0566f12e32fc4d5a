import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { applicableLines, differences, differencesOf, notApplicable } from './differences.js';
import { traceLines } from './support/trace.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const readme = read('../README.md');
const section = readme.slice(readme.indexOf('## Differences from Phoenix'));

function rows(heading: string): [string, string][] {
  const table = section.slice(section.indexOf(heading)).split('\n\n')[0] as string;
  return [...table.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, id, reason]) => [id as string, reason as string]);
}

describe('the README', () => {
  it('lists the differences from Phoenix that the tests know, each with its reason', () => {
    expect(rows('| difference |')).toEqual(differences.map(({ id, reason }) => [id, reason]));
    expect(rows('| what |')).toEqual(notApplicable.map(({ id, reason }) => [id, reason]));
  });

  it('counts the recorded conversations', () => {
    const listed = applicableLines.filter((line) => differencesOf(line).length > 0).length;
    const agreeing = applicableLines.length - listed;
    expect(traceLines.length - applicableLines.length).toBe(24);
    expect(section.replaceAll('\n', ' ')).toContain(
      `replay ${applicableLines.length} recorded conversations with Phoenix 1.8.12 (on cowboy and on Bandit) and 1.7.24 ` +
        `(on cowboy). In ${agreeing} of them this server does the same, frame by frame; the other ${listed} differ`,
    );
  });

  it('shows a program that a test runs', () => {
    expect(readme).toContain(`\`\`\`ts\n${read('../examples/chat.ts')}\`\`\``);
  });
});
