import type { Message } from '@roomcast/engine';
import type { ClientMessage } from './client-message.js';
import { MalformedFrameError } from './errors.js';
import { utf8 } from './utf8.js';

/** Parses a message and reads it with `read`. Throws `MalformedFrameError`, and nothing else. */
export function parseJson(message: Message, read: (value: unknown) => ClientMessage): ClientMessage {
  const text = typeof message === 'string' ? message : utf8(message);
  try {
    return read(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof MalformedFrameError) throw cause;
    // Besides text that is no JSON: a ref nested so deeply that it cannot be written back.
    throw new MalformedFrameError('JSON', { cause });
  }
}
