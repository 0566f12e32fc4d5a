import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Frame } from '../src/delivery/frame.js';
import { join, maxWriteBytes, QueueNode } from '../src/delivery/queue.js';

const sizes = fc.array(
  fc.oneof(
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: maxWriteBytes - 3, max: maxWriteBytes + 3 }),
    fc.integer({ min: 1, max: 3 * maxWriteBytes }),
  ),
  { minLength: 1, maxLength: 30 },
);

function framesOf(lengths: readonly number[]): Frame[] {
  return lengths.map((length, index) => new Frame(Buffer.alloc(length, index + 1)));
}

function concat(frames: readonly Frame[]): Buffer {
  return Buffer.concat(frames.map(({ bytes }) => bytes));
}

describe('a queue', () => {
  it('holds what was appended, in order', () => {
    fc.assert(
      fc.property(sizes, (lengths) => {
        const frames = framesOf(lengths);
        let queue: QueueNode | null = null;
        for (const frame of frames) queue = queue === null ? new QueueNode(null, frame) : queue.append(frame);
        expect(queue?.frames()).toEqual(frames);
        expect(queue?.count).toBe(frames.length);
        expect(queue?.bytes).toBe(concat(frames).length);
      }),
    );
  });

  it('is the same object for sessions that were sent the same, and leaves other sessions’ queues as they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 6 }),
        (events) => {
          const first = new Frame(Buffer.from('first'));
          const root = new QueueNode(null, first);
          const queues: QueueNode[] = Array(8).fill(root);
          const model: Frame[][] = queues.map(() => [first]);
          for (const [number, reached] of events.entries()) {
            const frame = new Frame(Buffer.from(`event ${number}`));
            reached.forEach((reaches, session) => {
              if (!reaches) return;
              queues[session] = (queues[session] as QueueNode).append(frame);
              model[session]?.push(frame);
            });
          }
          for (const [session, queue] of queues.entries()) expect(queue.frames()).toEqual(model[session]);
        },
      ),
    );
    const root = new QueueNode(null, new Frame(Buffer.from('a')));
    const next = new Frame(Buffer.from('b'));
    expect(root.append(next)).toBe(root.append(next));
    expect(root.append(next).batch()).toBe(root.append(next).batch());
  });
});

describe('frames joined into writes', () => {
  it('are all there, in order, in writes of at most the limit, each with the frames that end in it', () => {
    fc.assert(
      fc.property(sizes, (lengths) => {
        const frames = framesOf(lengths);
        const { chunks, ends } = join([...frames]);
        expect(concat(chunks).equals(concat(frames))).toBe(true);
        expect(chunks).toHaveLength(ends.length);
        expect(ends.at(-1)).toBe(frames.length);
        let start = 0;
        chunks.forEach((chunk, index) => {
          const end = ends[index] as number;
          expect(end).toBeGreaterThan(start);
          expect(concat(frames.slice(start, end)).equals(chunk.bytes)).toBe(true);
          if (end - start > 1) expect(chunk.bytes.length).toBeLessThanOrEqual(maxWriteBytes);
          // A frame alone is not copied.
          else expect(chunk).toBe(frames[start]);
          start = end;
        });
      }),
    );
  });

  it('waste no write: two neighbours never fit into one', () => {
    fc.assert(
      fc.property(sizes, (lengths) => {
        const { chunks, ends, frames } = join(framesOf(lengths));
        for (let index = 0; index + 1 < chunks.length; index++) {
          const next = frames[ends[index] as number] as Frame;
          expect((chunks[index] as Frame).bytes.length + next.bytes.length).toBeGreaterThan(maxWriteBytes);
        }
      }),
    );
  });

  it('may fill a write to the last byte', () => {
    const half = maxWriteBytes / 2;
    expect(join(framesOf([half, half, 1])).ends).toEqual([2, 3]);
    expect(join(framesOf([half, half + 1])).ends).toEqual([1, 2]);
  });

  it('are none where there are none', () => {
    expect(join([])).toEqual({ frames: [], chunks: [], ends: [] });
  });
});
