import { textFrame } from '@roomcast/engine';

/**
 * A payload that is JSON already. Its bytes go into frames as they are: a big payload that several topics or dialects
 * share is encoded once.
 */
export class EncodedJson {
  readonly bytes: Uint8Array;

  /** @param json a complete JSON value; it is not checked */
  constructor(json: string | Uint8Array) {
    this.bytes = typeof json === 'string' ? Buffer.from(json) : json;
  }

  static of(value: unknown): EncodedJson {
    return new EncodedJson(jsonText(value));
  }
}

/** Whether a payload goes into a binary frame. */
export function isBinary(payload: unknown): payload is Uint8Array {
  return payload instanceof Uint8Array;
}

/** A text frame with a payload between two pieces of JSON. */
export function payloadFrame(head: string, payload: unknown, tail: string): Buffer {
  if (payload instanceof EncodedJson) return textFrame(head, payload.bytes, tail);
  return textFrame(head + jsonText(payload) + tail);
}

/** A payload as JSON. Nothing at all is the empty object, as clients expect. */
function jsonText(payload: unknown): string {
  return payload === undefined ? '{}' : (JSON.stringify(payload) ?? 'null');
}
