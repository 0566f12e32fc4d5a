import { decodeBinary, encodeBinaryEvent, encodeBinaryReply } from './binary.js';
import { type ClientMessage, clientMessage } from './client-message.js';
import { MalformedFrameError } from './errors.js';
import { parseJson } from './parse-json.js';
import { isBinary, payloadFrame } from './payload.js';
import type { Serializer } from './serializer.js';

/** `[join_ref, ref, topic, event, payload]`, and binary frames for payloads that are bytes. */
export const serializerV2: Serializer = {
  decode: (message) => (typeof message === 'string' ? parseJson(message, readArray) : decodeBinary(message)),

  reply(reply) {
    const { joinRef, ref, topic, status, response } = reply;
    if (isBinary(response)) return encodeBinaryReply(reply, response);
    return payloadFrame(
      `[${joinRef},${ref},${topic},"phx_reply",{"response":`,
      response,
      `,"status":${JSON.stringify(status)}}]`,
    );
  },

  event(event) {
    const { joinRef, ref, topic, payload } = event;
    if (isBinary(payload)) return encodeBinaryEvent(event, payload);
    return payloadFrame(`[${joinRef},${ref},${topic},${JSON.stringify(event.event)},`, payload, ']');
  },
};

/** Reads a message that has been parsed. Elements after the fifth are ignored. */
export function readArray(value: unknown): ClientMessage {
  if (!Array.isArray(value) || value.length < 5) throw new MalformedFrameError('a JSON array of five elements');
  return clientMessage(value[0], value[1], value[2], value[3], value[4]);
}
