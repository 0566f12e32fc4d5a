import * as z from 'zod/mini';
import { maxIdLength } from './limits.js';

/** Control characters have no place in a channel's name, and half a surrogate pair has no form in UTF-8. */
const shape = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${maxIdLength}}$`, 'u');

/** What an id is expected to be, for the texts of errors. */
export const idExpected = `a text of 1 to ${maxIdLength} characters, no control characters`;

/** Whether it can be the id of a fleet or a regulator. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && shape.test(value);
}

/** The id of a fleet or a regulator. */
export const id = z.string().check(z.regex(shape, { error: `expected ${idExpected}` }));
