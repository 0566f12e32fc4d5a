/**
 * What may happen to a frame whose session reads too slowly.
 * - `must`: it is delivered, or the session is closed with 1013.
 * - `drop-oldest`: it may be thrown away, the oldest of its class first.
 * - `latest`: it replaces a waiting frame with the same key.
 */
export type DeliveryClass = 'must' | 'drop-oldest' | 'latest';

const fin = 0x80;
const textOpcode = 0x1;
const binaryOpcode = 0x2;

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
  return build(textOpcode, parts);
}

/** The bytes of an unmasked binary frame. */
export function binaryFrame(...parts: readonly (string | Uint8Array)[]): Buffer {
  return build(binaryOpcode, parts);
}
