import type { Message } from '@roomcast/engine';
import { binaryKind, decodeBinary } from './binary.js';
import type { ClientMessage } from './client-message.js';
import { parseJson } from './parse-json.js';
import type { Dialect, Serializer } from './serializer.js';
import { readObject, serializerV1 } from './serializer-v1.js';
import { readArray, serializerV2 } from './serializer-v2.js';

/** The serializer of a session's dialect. */
export function serializerOf(dialect: string): Serializer {
  return dialect === 'v1' ? serializerV1 : serializerV2;
}

/** Reads a message of either form and tells which it has: no JSON text begins with the first byte of a binary push. */
export function decodeEither(message: Message): { dialect: Dialect; message: ClientMessage } {
  if (typeof message !== 'string' && message[0] === binaryKind.push) {
    return { dialect: 'v2', message: decodeBinary(message) };
  }
  let dialect: Dialect = 'v1';
  const decoded = parseJson(message, (value) => {
    if (!Array.isArray(value)) return readObject(value);
    dialect = 'v2';
    return readArray(value);
  });
  return { dialect, message: decoded };
}
