import type { CloseReason } from '../close-reasons.js';

/**
 * What may happen to a frame whose session reads too slowly.
 * - `must`: it is delivered, or the session is closed with 1013.
 * - `drop-oldest`: it may be thrown away, the oldest of its class first.
 * - `latest`: it replaces a waiting frame with the same key.
 */
export type DeliveryClass = 'must' | 'drop-oldest' | 'latest';

const fin = 0x80;

/** What a frame is (RFC 6455, 5.2). */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** A complete WebSocket frame, built once and shared by every session that is sent it. */
export class Frame {
  /** How many waiting queues hold this frame: its bytes count once in the process's budget. */
  holders = 0;

  constructor(
    readonly bytes: Buffer,
    readonly deliveryClass: DeliveryClass = 'must',
    readonly key: string | null = null,
  ) {}
}

function header(opcode: number, length: number): Buffer {
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const buffer = Buffer.allocUnsafe(size + length);
  buffer[0] = fin | opcode;
  if (size === 2) {
    buffer[1] = length;
  } else if (size === 4) {
    buffer[1] = 126;
    buffer.writeUInt16BE(length, 2);
  } else {
    buffer[1] = 127;
    buffer.writeUInt32BE(Math.floor(length / 2 ** 32), 2);
    buffer.writeUInt32BE(length >>> 0, 6);
  }
  return buffer;
}

function build(opcode: number, parts: readonly (string | Uint8Array)[]): Buffer {
  let length = 0;
  for (const part of parts) length += typeof part === 'string' ? Buffer.byteLength(part) : part.length;
  const buffer = header(opcode, length);
  let at = buffer.length - length;
  for (const part of parts) {
    if (typeof part === 'string') {
      at += buffer.write(part, at);
    } else {
      buffer.set(part, at);
      at += part.length;
    }
  }
  return buffer;
}

/**
 * The bytes of an unmasked text frame whose text is the parts, one after the other. A part that several dialects
 * share (a payload between envelopes) is passed as bytes, so that it is encoded only once.
 */
export function textFrame(...parts: readonly (string | Uint8Array)[]): Buffer {
  return build(opcodes.text, parts);
}

/** The bytes of an unmasked binary frame. */
export function binaryFrame(...parts: readonly (string | Uint8Array)[]): Buffer {
  return build(opcodes.binary, parts);
}

/** The bytes of a close frame. 1005 is said by saying nothing. */
export function closeFrame({ code, reason }: CloseReason): Buffer {
  if (code === 1005) return build(opcodes.close, []);
  const codeBytes = Buffer.alloc(2);
  codeBytes.writeUInt16BE(code);
  return build(opcodes.close, [codeBytes, reason]);
}

/** The bytes of a ping without payload. */
export const pingFrame: Buffer = build(opcodes.ping, []);

/** The bytes of the answer to a ping, whose payload it repeats. */
export function pongFrame(payload: Buffer): Buffer {
  return build(opcodes.pong, [payload]);
}
