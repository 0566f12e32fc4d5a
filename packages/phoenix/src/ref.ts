import { UnencodableError } from './errors.js';

/**
 * A ref as the JSON text it came as: `'"7"'`, `'7'`, `'null'`. Clients get their refs back with the JSON type they
 * have, and two refs are the same only when the type is too: texts do both without a thought.
 */
export type Ref = string;

export const noRef: Ref = 'null';

export function refOf(value: unknown): Ref {
  return value === null || value === undefined ? noRef : JSON.stringify(value);
}

/** A ref in a binary frame, where it is nothing but characters. */
export function refCharacters(ref: Ref): string {
  if (ref === noRef) return '';
  const value: unknown = JSON.parse(ref);
  if (typeof value === 'object') throw new UnencodableError('a ref that is an object or a list fits no binary frame');
  return String(value);
}
