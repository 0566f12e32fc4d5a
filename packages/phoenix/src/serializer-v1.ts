import { type ClientMessage, clientMessage } from './client-message.js';
import { MalformedFrameError, UnencodableError } from './errors.js';
import { parseJson } from './parse-json.js';
import { isBinary, payloadFrame } from './payload.js';
import type { Serializer } from './serializer.js';

/** `{"event", "payload", "ref", "topic"}`, in this order. Clients may add `join_ref`; it is never sent back. */
export const serializerV1: Serializer = {
  decode: (message) => parseJson(message, readObject),

  reply({ ref, topic, status, response }) {
    if (isBinary(response)) throw unencodable();
    return payloadFrame(
      '{"event":"phx_reply","payload":{"response":',
      response,
      `,"status":${JSON.stringify(status)}},"ref":${ref},"topic":${topic}}`,
    );
  },

  event({ ref, topic, event, payload }) {
    if (isBinary(payload)) throw unencodable();
    return payloadFrame(`{"event":${JSON.stringify(event)},"payload":`, payload, `,"ref":${ref},"topic":${topic}}`);
  },
};

/** Reads a message that has been parsed. */
export function readObject(value: unknown): ClientMessage {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedFrameError('a JSON object');
  }
  for (const key of ['topic', 'event', 'payload', 'ref']) {
    if (!Object.hasOwn(value, key)) throw new MalformedFrameError(`an object with "${key}"`);
  }
  const { join_ref, ref, topic, event, payload } = value as Record<string, unknown>;
  return clientMessage(join_ref, ref, topic, event, payload);
}

function unencodable(): UnencodableError {
  return new UnencodableError('a client of V1 takes no binary payloads: it has to connect with vsn=2.0.0');
}
