import type * as z from 'zod/mini';
import type { Issue } from './result.js';

/** Issues reported per input: a list of a thousand broken winners is described by its first ones. */
const maxIssues = 100;

/** Turns zod's issues into paths and sentences; zod/mini carries no texts of its own. */
export function toIssues(issues: readonly z.core.$ZodIssue[], input: unknown): Issue[] {
  const described = issues.slice(0, maxIssues).map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: describe(issue, at(input, issue.path)),
  }));
  if (issues.length > maxIssues) described.push({ path: '', message: `and ${issues.length - maxIssues} more` });
  return described;
}

/** An issue of a part, told as one of the whole. */
export function within(part: string, { path, message }: Issue): Issue {
  return { path: path === '' ? part : `${part}.${path}`, message };
}

/** What was expected and what came. */
export function expected(what: string, value: unknown): string {
  return `expected ${what}, got ${kindOf(value)}`;
}

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return expected(issue.expected === 'int' ? 'a whole number' : named(issue.expected), value);
    case 'too_small':
      return expected(`at least ${issue.minimum}${unitOf(issue.origin)}`, value);
    case 'too_big':
      return expected(`at most ${issue.maximum}${unitOf(issue.origin)}`, value);
    case 'invalid_format':
      return expected('an ISO 8601 time with offset', value);
    case 'invalid_value':
      return expected(`one of ${issue.values.join(', ')}`, value);
    case 'unrecognized_keys':
      return `unknown: ${issue.keys.map(shown).join(', ')}`;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' entries' : '';
}

function named(type: string): string {
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? shown(value) : named(typeof value);
}

const maxShown = 40;

/** A text that somebody else chose, short enough for a line. */
export function shown(text: string): string {
  return JSON.stringify(text.length > maxShown ? `${text.slice(0, maxShown)}…` : text);
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
