import type * as z from 'zod/mini';
import type { Issue } from './result.js';

/** Issues reported per input: an input of thousands of broken attackers is described by its first ones. */
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

function describe(issue: z.core.$ZodIssue, value: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected === 'int' ? 'an integer' : named(issue.expected)}, got ${kindOf(value)}`;
    case 'too_small':
      return `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, got ${kindOf(value)}`;
    case 'too_big':
      return `expected ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}, got ${kindOf(value)}`;
    case 'invalid_format':
      return `expected ${issue.format === 'datetime' ? 'an ISO 8601 time with offset' : issue.format}, got ${kindOf(value)}`;
    default:
      return issue.message;
  }
}

function named(expected: string): string {
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
  return named(typeof value);
}

function at(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
