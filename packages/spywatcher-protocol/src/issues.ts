import type * as z from 'zod/mini';
import type { Issue } from './result.js';

/**
 * How the texts that schemas here give begin. zod/mini has none of its own, until somebody else in the process loads zod,
 * which gives it English ones.
 */
const own = 'expected ';

/** Issues reported per input: a list of a thousand broken entries is described by its first ones. */
const maxIssues = 100;

/** Turns zod's issues into paths and sentences, the paths below `prefix`. */
export function toIssues(issues: readonly z.core.$ZodIssue[], input: unknown, prefix = ''): Issue[] {
  return issues.slice(0, maxIssues).map((issue) => ({
    path: [...(prefix === '' ? [] : [prefix]), ...issue.path.map(String)].join('.'),
    message: `expected ${expectation(issue)}, got ${kindOf(at(input, issue.path))}`,
  }));
}

/** What came, in few words, for the end of "expected …, got …". */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return named(typeof value);
}

/** What should have come: the schema's own words where it has some. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith(own)) return issue.message.slice(own.length);
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected === 'int' ? 'a whole number' : named(issue.expected);
    case 'too_small':
      return `at least ${issue.minimum}`;
    case 'too_big':
      return `at most ${issue.maximum}${issue.origin === 'array' ? ' entries' : ''}`;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    default:
      return 'something else';
  }
}

function named(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
