import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameReader } from '../src/sockets/frame-reader.js';
import { clientFrame } from './support/raw-socket.js';
import { readAsServerWithWs, type Seen } from './support/ws-frames.js';

const limits = { maxFrameBytes: 400, maxFragments: 4 };

/** What our reader tells of, and with which code it stops reading. */
function read(chunks: readonly Buffer[], frameLimits = limits): Seen[] {
  const seen: Seen[] = [];
  const reader = new FrameReader(
    {
      message: (message) =>
        void seen.push(
          typeof message === 'string' ? ['text', message] : ['binary', Buffer.from(message).toString('hex')],
        ),
      pinged: (payload) => void seen.push(['ping', payload.toString('hex')]),
      ponged: () => void seen.push(['pong']),
      closed: ({ code, reason }) => void seen.push(['close', code, reason]),
      broken: (code) => void seen.push(['broken', code]),
    },
    frameLimits,
  );
  // It unmasks in place.
  for (const chunk of chunks) reader.read(Buffer.from(chunk));
  return seen;
}

/** Cuts bytes at the given shares of their length. */
function cut(bytes: Buffer, shares: readonly number[]): Buffer[] {
  const places = [...shares.map((share) => Math.floor(share * bytes.length)), bytes.length].sort((a, b) => a - b);
  return places.map((place, index) => bytes.subarray(places[index - 1] ?? 0, place));
}

const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const text = fc.string({ unit: 'binary', maxLength: 150 }).map((value) => Buffer.from(value));
const payload = fc.oneof(
  { weight: 4, arbitrary: text },
  fc.uint8Array({ maxLength: 130 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(0, 124, 125, 126, 127, 399, 400, 401, 70_000).map((size) => Buffer.alloc(size, 'x')),
);
const closePayload = fc
  .tuple(fc.constantFrom(0, 999, 1000, 1001, 1004, 1005, 1006, 1014, 1015, 2999, 3000, 4999, 5000), payload)
  .map(([code, reason]) => Buffer.concat([Buffer.from([code >> 8, code & 255]), reason.subarray(0, 123)]));

const data = fc
  .tuple(fc.constantFrom(1, 2), fc.array(payload, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([opcode, parts, withPings]) =>
    Buffer.concat(
      parts.flatMap((part, index) => [
        clientFrame(index === 0 ? opcode : 0, part, index === parts.length - 1),
        ...(withPings ? [clientFrame(9, 'between')] : []),
      ]),
    ),
  );
const control = fc
  .tuple(fc.constantFrom(9, 10), payload)
  .map(([opcode, content]) => clientFrame(opcode, content.subarray(0, 125)));
const close = fc
  .oneof(closePayload, fc.constantFrom(Buffer.alloc(0), Buffer.alloc(1)))
  .map((content) => clientFrame(8, content));
const wrong = fc
  .tuple(fc.integer({ min: 0, max: 15 }), payload, fc.boolean(), fc.nat(255), fc.constantFrom(0, 1))
  .map(([opcode, content, isLast, damage, at]) => {
    const frame = clientFrame(opcode, content, isLast);
    frame[at] = damage;
    return frame;
  });
const nonsense = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes));

describe('what a client sends', () => {
  it('is read as ws reads it, valid or not, however it is cut', async () => {
    const frame = fc.oneof({ weight: 6, arbitrary: data }, control, close, wrong, nonsense);
    const stopped = new Map<unknown, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(frame, { maxLength: 6 }), shares, async (frames, at) => {
        const bytes = Buffer.concat(frames);
        const seen = read(cut(bytes, at));
        expect(seen).toEqual(await readAsServerWithWs(bytes, limits));
        const [what, code] = seen.at(-1) ?? [];
        if (what === 'broken' || what === 'close') stopped.set(code, (stopped.get(code) ?? 0) + 1);
      }),
      { numRuns: 3000 },
    );
    // Every way to stop has been met.
    for (const code of [1000, 1002, 1005, 1007, 1008, 1009]) expect(stopped.get(code), `${code}`).toBeGreaterThan(5);
  });

  it('is the same byte by byte as at once', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(data, control), { maxLength: 5 }), (frames) => {
        const bytes = Buffer.concat(frames);
        expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(read([bytes]));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['no code', Buffer.alloc(0), ['close', 1005, '']],
    ['half a code', Buffer.from([3]), ['broken', 1002]],
    ['a code that is never sent', Buffer.from([1006 >> 8, 1006 & 255]), ['broken', 1002]],
    ['a reason that is no UTF-8', Buffer.from([1000 >> 8, 1000 & 255, 0xff]), ['broken', 1007]],
  ])('may be a close with %s', (_what, content, seen) => {
    expect(read([clientFrame(8, content), clientFrame(1, 'later')])).toEqual([seen]);
  });

  it('may have the replacement character in it', () => {
    expect(read([clientFrame(1, 'a\ufffdb')])).toEqual([['text', 'a\ufffdb']]);
  });

  it('is kept only as far as it has come, whatever was announced', () => {
    const large = { maxFrameBytes: 100 * 1024 * 1024, maxFragments: 4 };
    const begun = clientFrame(2, Buffer.alloc(70_000));
    begun.writeBigUInt64BE(BigInt(large.maxFrameBytes), 2);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => {
      const reader = new FrameReader({ message() {}, pinged() {}, ponged() {}, closed() {}, broken() {} }, large);
      reader.read(Buffer.from(begun));
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(readers.length * 4 * begun.length);
    expect(readers.every(({ done }) => !done)).toBe(true);
  });
});
