import type * as z from 'zod/mini';
import type { Issue } from './result.js';

/**
 * How the texts that schemas here give begin. zod/mini has none of its own, until somebody else in the process loads zod,
 * which gives it English ones.
 */
const own = 'expected ';

/** Issues reported per input: a list of a thousand broken ids is described by its first ones. */
const maxIssues = 100;

/** Turns zod's issues into paths and sentences. */
export function toIssues(issues: readonly z.core.$ZodIssue[], input: unknown): Issue[] {
  const described = issues.slice(0, maxIssues).map((issue) => describe(issue, input));
  if (issues.length > maxIssues) described.push({ path: '', message: `and ${issues.length - maxIssues} more` });
  return described;
}

/** An issue of a part, told as one of the whole. */
export function within(part: string, { path, message }: Issue): Issue {
  return { path: path === '' ? part : `${part}.${path}`, message };
}

/** What came, in few words, for the end of "expected …, got …". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return shown(value);
  return named(typeof value);
}

/** A text that somebody else chose, short enough for a line. */
function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function describe(issue: z.core.$ZodIssue, input: unknown): Issue {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') return { path, message: `unknown: ${issue.keys.map(shown).join(', ')}` };
  return { path, message: `expected ${expectation(issue)}, got ${kindOf(at(input, issue.path))}` };
}

/** What should have come: the schema's own words where it has some. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith(own)) return issue.message.slice(own.length);
  if (issue.code === 'invalid_type') return issue.expected === 'int' ? 'a whole number' : named(issue.expected);
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  return 'something else';
}

function named(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
