import { isUtf8 } from 'node:buffer';
import { type CloseReason, isCloseCode } from '../close-reasons.js';
import { opcodes } from '../delivery/frame.js';
import { Accumulator } from './accumulator.js';
import type { Message } from './wire.js';

/** Whom a reader tells of what has come, in order. */
export interface FrameListener {
  message(message: Message): void;
  pinged(payload: Buffer): void;
  ponged(): void;
  /** The client closes; 1005 where it gives no code. Nothing after it is read. */
  closed(reason: CloseReason): void;
  /** A rule of the protocol or a limit was broken: the code to close with. Nothing after it is read. */
  broken(code: number): void;
}

export interface FrameLimits {
  /** Bytes of one message, over all its fragments. */
  readonly maxFrameBytes: number;
  readonly maxFragments: number;
}

/** A message of which a fragment has come, and not the last. */
interface Fragments {
  readonly isBinary: boolean;
  readonly payload: Accumulator;
  count: number;
}

const fin = 0x80;
const reserved = 0x70;
const opcodeBits = 0x0f;
const masked = 0x80;
const lengthBits = 0x7f;
const maskBytes = 4;
const maxControlBytes = 125;
const firstControlOpcode = 0x8;

/** The code that a connection is closed with when something is wrong. */
const broken = {
  notMasked: 1002,
  reservedBits: 1002,
  unknownOpcode: 1002,
  controlFrame: 1002,
  continuationOfNothing: 1002,
  messageWithinMessage: 1002,
  closeFrame: 1002,
  notUtf8: 1007,
  tooManyFragments: 1008,
  tooLarge: 1009,
} as const;

/**
 * Reads a client's frames (RFC 6455, 5.2) from bytes as they come. Between frames it holds nothing: an idle connection
 * keeps five fields. A frame that is whole within what has come is read in place; of one that is not, the bytes
 * are kept until the rest is there, never more than have come.
 */
export class FrameReader {
  readonly #listener: FrameListener;
  readonly #limits: FrameLimits;
  #partial: Accumulator | null = null;
  #fragments: Fragments | null = null;
  #done = false;

  constructor(listener: FrameListener, limits: FrameLimits) {
    this.#listener = listener;
    this.#limits = limits;
  }

  /** Whether nothing is read any more: the client has closed, or broken a rule. */
  get done(): boolean {
    return this.#done;
  }

  /** Reads bytes, in place: what it unmasks is changed in them. */
  read(bytes: Buffer): void {
    let at = 0;
    while (!this.#done && at < bytes.length) {
      if (this.#partial !== null) {
        at = this.#fill(this.#partial, bytes, at);
        continue;
      }
      const end = at + this.#measure(bytes, at);
      if (this.#done) return;
      if (end <= bytes.length) {
        this.#frame(bytes, at, end);
        at = end;
      } else {
        this.#partial = new Accumulator();
      }
    }
  }

  /** Adds to a frame what it lacks, as far as it has come, and returns where in `bytes` the next one begins. */
  #fill(partial: Accumulator, bytes: Buffer, at: number): number {
    const lacking = this.#measure(partial.bytes, 0) - partial.length;
    const end = Math.min(at + lacking, bytes.length);
    partial.append(bytes, at, end);
    const whole = partial.bytes;
    if (this.#measure(whole, 0) > whole.length || this.#done) return end;
    this.#partial = null;
    this.#frame(whole, 0, whole.length);
    return end;
  }

  /**
   * How long the frame at `at` is, or more than has come where that can't be told yet. What is wrong with it is seen as
   * soon as possible: an announced length must not be waited for when it is too long.
   */
  #measure(bytes: Buffer, at: number): number {
    const come = bytes.length - at;
    if (come < 2) return 2;
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const wrong = this.#wrongHead(first, second);
    if (wrong !== undefined) return this.#break(wrong);
    let head = 2 + maskBytes;
    let length = second & lengthBits;
    if (length === 126) {
      if (come < 4) return 4;
      length = bytes.readUInt16BE(at + 2);
      head += 2;
    } else if (length === 127) {
      if (come < 10) return 10;
      length = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
      head += 8;
    }
    const isTooLarge = !isControl(first & opcodeBits) && this.#messageBytes + length > this.#limits.maxFrameBytes;
    return isTooLarge ? this.#break(broken.tooLarge) : head + length;
  }

  /** What has come of a message in fragments. */
  get #messageBytes(): number {
    return this.#fragments?.payload.length ?? 0;
  }

  #wrongHead(first: number, second: number): number | undefined {
    const opcode = first & opcodeBits;
    if ((first & reserved) !== 0) return broken.reservedBits;
    if ((second & masked) === 0) return broken.notMasked;
    switch (opcode) {
      case opcodes.continuation:
        return this.#fragments === null ? broken.continuationOfNothing : undefined;
      case opcodes.text:
      case opcodes.binary:
        return this.#fragments === null ? undefined : broken.messageWithinMessage;
      case opcodes.close:
      case opcodes.ping:
      case opcodes.pong:
        return (first & fin) === 0 || (second & lengthBits) > maxControlBytes ? broken.controlFrame : undefined;
      default:
        return broken.unknownOpcode;
    }
  }

  #frame(bytes: Buffer, start: number, end: number): void {
    const first = bytes[start] as number;
    const shortLength = (bytes[start + 1] as number) & lengthBits;
    const mask = start + (shortLength < 126 ? 2 : shortLength === 126 ? 4 : 10);
    const from = mask + maskBytes;
    unmask(bytes, mask, from, end);
    const opcode = first & opcodeBits;
    if (isControl(opcode)) this.#control(opcode, bytes.subarray(from, end));
    else if ((first & fin) !== 0 && this.#fragments === null) this.#message(opcode, bytes, from, end);
    else this.#fragment(first, bytes, from, end);
  }

  #fragment(first: number, bytes: Buffer, from: number, to: number): void {
    this.#fragments ??= {
      isBinary: (first & opcodeBits) === opcodes.binary,
      payload: new Accumulator(),
      count: 0,
    };
    const fragments = this.#fragments;
    if (++fragments.count > this.#limits.maxFragments) {
      this.#break(broken.tooManyFragments);
      return;
    }
    fragments.payload.append(bytes, from, to);
    if ((first & fin) === 0) return;
    this.#fragments = null;
    const { isBinary, payload } = fragments;
    this.#message(isBinary ? opcodes.binary : opcodes.text, payload.bytes, 0, payload.length);
  }

  #message(opcode: number, bytes: Buffer, from: number, to: number): void {
    if (opcode === opcodes.binary) {
      this.#listener.message(bytes.subarray(from, to));
      return;
    }
    const text = bytes.toString('utf8', from, to);
    // What is no UTF-8 is decoded to U+FFFD. Only a text with one in it has to be looked at twice.
    if (text.includes('\ufffd') && !isUtf8(bytes.subarray(from, to))) this.#break(broken.notUtf8);
    else this.#listener.message(text);
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.ping) this.#listener.pinged(payload);
    else if (opcode === opcodes.pong) this.#listener.ponged();
    else this.#close(payload);
  }

  #close(payload: Buffer): void {
    if (payload.length === 0) {
      this.#closed({ code: 1005, reason: '' });
      return;
    }
    const code = payload.length === 1 ? 0 : payload.readUInt16BE(0);
    const reason = payload.subarray(2);
    if (!isCloseCode(code)) this.#break(broken.closeFrame);
    else if (!isUtf8(reason)) this.#break(broken.notUtf8);
    else this.#closed({ code, reason: reason.toString('utf8') });
  }

  #closed(reason: CloseReason): void {
    this.#stop();
    this.#listener.closed(reason);
  }

  /** Returns 0, which is how long a frame is that is not read. */
  #break(code: number): number {
    this.#stop();
    this.#listener.broken(code);
    return 0;
  }

  #stop(): void {
    this.#done = true;
    this.#partial = null;
    this.#fragments = null;
  }
}

const isControl = (opcode: number): boolean => opcode >= firstControlOpcode;

/** Client frames are masked: every byte is XORed with one of the four before the payload. */
function unmask(bytes: Buffer, mask: number, from: number, to: number): void {
  for (let at = from; at < to; at++) {
    bytes[at] = (bytes[at] as number) ^ (bytes[mask + ((at - from) & 3)] as number);
  }
}
