import * as z from 'zod/mini';
import { maxIdLength, maxRoomIdLength } from './limits.js';

/** Control characters have no place in a name, and half a surrogate pair has no form in UTF-8. */
const shape = (maxLength: number) => new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${maxLength}}$`, 'u');
const idShape = /* @__PURE__ */ shape(maxIdLength);
const roomIdShape = /* @__PURE__ */ shape(maxRoomIdLength);

/** Whether it can be the id of a user, a group, a connection or a message. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && idShape.test(value);
}

/** Whether it can be the id of a room. */
export function isRoomId(value: unknown): value is string {
  return typeof value === 'string' && roomIdShape.test(value);
}

const expected = (maxLength: number) => `expected a text of 1 to ${maxLength} characters, no control characters`;

/** The id of a user, a group, a connection or a message. */
export const id = /* @__PURE__ */ (() => z.custom<string>(isId, { error: expected(maxIdLength) }))();

/** The id of a room. */
export const roomId = /* @__PURE__ */ (() => z.custom<string>(isRoomId, { error: expected(maxRoomIdLength) }))();
