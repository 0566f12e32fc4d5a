import { binaryFrame } from '@roomcast/engine';
import { type ClientMessage, clientMessage } from './client-message.js';
import { MalformedFrameError, UnencodableError } from './errors.js';
import { refCharacters } from './ref.js';
import type { Reply, ServerEvent } from './serializer.js';
import { utf8 } from './utf8.js';

/** The first byte of a binary frame. */
export const binaryKind = { push: 0, reply: 1, broadcast: 2 } as const;

const maxFieldBytes = 255;

/** Reads `kind, four lengths, join_ref, ref, topic, event, data`. Clients send pushes only. */
export function decodeBinary(frame: Buffer): ClientMessage {
  if (frame[0] !== binaryKind.push) throw new MalformedFrameError('a binary push, whose first byte is 0');
  let at = 5;
  const field = (lengthAt: number): string => {
    const end = at + (frame[lengthAt] ?? 0);
    if (frame.length < 5 || end > frame.length) throw new MalformedFrameError('fields as long as they claim to be');
    const text = utf8(frame.subarray(at, end));
    at = end;
    return text;
  };
  return clientMessage(field(1), field(2), field(3), field(4), frame.subarray(at));
}

export function encodeBinaryReply({ joinRef, ref, topic, status }: Reply, data: Uint8Array): Buffer {
  return encode(binaryKind.reply, [refCharacters(joinRef), refCharacters(ref), JSON.parse(topic), status], data);
}

/** An event with a join_ref is a push, one without is a broadcast; neither has a ref. */
export function encodeBinaryEvent({ joinRef, topic, event }: ServerEvent, data: Uint8Array): Buffer {
  const name = [JSON.parse(topic) as string, event];
  const own = refCharacters(joinRef);
  return own === '' ? encode(binaryKind.broadcast, name, data) : encode(binaryKind.push, [own, ...name], data);
}

function encode(kind: number, fields: readonly string[], data: Uint8Array): Buffer {
  const lengths = fields.map((field) => Buffer.byteLength(field));
  if (lengths.some((length) => length > maxFieldBytes)) {
    throw new UnencodableError(`refs, topic and event of a binary frame have at most ${maxFieldBytes} bytes each`);
  }
  return binaryFrame(Uint8Array.of(kind, ...lengths), fields.join(''), data);
}
