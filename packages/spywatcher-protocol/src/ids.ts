import * as z from 'zod/mini';
import { maxIdLength, maxNameLength } from './limits.js';

/** Control characters have no place in a room's name, and half a surrogate pair has no form in UTF-8. */
const shape = new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${maxIdLength}}$`, 'u');

const expected = `expected a text of 1 to ${maxIdLength} characters, no control characters`;

/** Whether it can be the id of a guild, a user or a channel. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && shape.test(value);
}

/**
 * The id of a guild, a user or a channel. What only servers need is made in a function that bundlers may leave out, since
 * they can't know that making a schema does nothing else.
 */
export const id = /* @__PURE__ */ (() => z.string().check(z.regex(shape, { error: expected })))();

/** A name as it may be published. */
export const name = /* @__PURE__ */ (() =>
  z.string().check(z.maxLength(maxNameLength, { error: `expected at most ${maxNameLength} characters` })))();

/** A time as it may be published. */
export const time = /* @__PURE__ */ (() =>
  z.iso.datetime({ offset: true, error: 'expected an ISO 8601 time with offset' }))();
