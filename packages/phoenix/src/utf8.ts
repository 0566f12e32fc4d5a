import { MalformedFrameError } from './errors.js';

// A byte order mark stays where it is: no JSON text begins with one.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text. Throws `MalformedFrameError` where they are not UTF-8. */
export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new MalformedFrameError('UTF-8', { cause });
  }
}
