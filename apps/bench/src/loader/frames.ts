/** What a frame is, where it is none of an application's events. */
export type Special = 'ping' | 'pong' | 'close' | 'heartbeat';

const specials: Readonly<Record<number, Special>> = { 8: 'close', 9: 'ping', 10: 'pong' };

/**
 * Counts the frames of one connection by their headers. Payloads are skipped, not looked at: a frame of any length
 * costs the loader a few comparisons.
 */
export class FrameCounter {
  /** Payload bytes that are still to come of the frame under way; -1 between frames. */
  #left = -1;
  #length = 0;
  #opcode = 0;
  #head: Buffer | null = null;

  /** @param heartbeatBytes the length that only heartbeats of the protocol have (Socket.IO: 1); 0 where it has none. */
  constructor(readonly heartbeatBytes = 0) {}

  /** How many events end in the first `end` bytes of `chunk`; other frames go to `special`. The chunk is not kept. */
  count(chunk: Uint8Array, end: number, special: (kind: Special) => void): number {
    if (this.#head !== null) {
      const bytes = Buffer.concat([this.#head, chunk.subarray(0, end)]);
      this.#head = null;
      return this.count(bytes, bytes.length, special);
    }
    let at = 0;
    let frames = 0;
    while (at < end) {
      if (this.#left < 0) {
        const size = this.#readHeader(chunk, at, end);
        if (size === 0) {
          this.#head = Buffer.from(chunk.subarray(at, end));
          break;
        }
        at += size;
      }
      const here = end - at;
      if (this.#left > here) {
        this.#left -= here;
        break;
      }
      at += this.#left;
      this.#left = -1;
      // A ping of WebSocket is as empty as a heartbeat of a protocol that has none.
      const isHeartbeat = this.#opcode === 1 && this.heartbeatBytes > 0 && this.#length === this.heartbeatBytes;
      const kind = isHeartbeat ? 'heartbeat' : specials[this.#opcode];
      if (kind === undefined) frames++;
      else special(kind);
    }
    return frames;
  }

  /** The bytes of the header, or 0 while it is incomplete. By index: Buffer's own readers cost more than the rest. */
  #readHeader(bytes: Uint8Array, at: number, end: number): number {
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]];
    const short = second & 0x7f;
    const size = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (end - at < size) return 0;
    this.#opcode = first & 0x0f;
    this.#length = short;
    if (short >= 126) {
      this.#length = 0;
      for (let n = 2; n < size; n++) this.#length = this.#length * 256 + (bytes[at + n] ?? 0);
    }
    this.#left = this.#length;
    return size;
  }
}

/** A masked text frame. The mask is zero, which is allowed and leaves the payload as it is. */
export function clientFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const frame = Buffer.alloc(header + length);
  frame[0] = 0x81;
  frame[1] = 0x80 | (header === 6 ? length : header === 8 ? 126 : 127);
  if (header === 8) frame.writeUInt16BE(length, 2);
  if (header === 14) frame.writeUIntBE(length, 4, 6);
  frame.write(text, header);
  return frame;
}

/** The answer to a ping of the protocol, empty as the ping is taken to be. */
export const pongFrame = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
