import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binaryFrame, textFrame } from '../src/index.js';
import { frameOfWs, readWithWs } from './support/ws-frames.js';

const text = 1;
const binary = 2;
/** On both sides of where the length takes more bytes. */
const edges = [0, 1, 124, 125, 126, 127, 65_534, 65_535, 65_536, 65_537];

describe('a frame', () => {
  it.each(edges)('of %i bytes is byte for byte what ws builds', (size) => {
    const payload = Buffer.alloc(size, 'x');
    expect(textFrame(payload.toString()).equals(frameOfWs(text, payload))).toBe(true);
    expect(binaryFrame(payload).equals(frameOfWs(binary, payload))).toBe(true);
  });

  it.each(edges)('of %i bytes is read back by ws, with the next one behind it', async (size) => {
    const payload = 'ä'.repeat(Math.floor(size / 2)).padEnd(size - Math.floor(size / 2), '-');
    const messages = await readWithWs(Buffer.concat([textFrame(payload), textFrame('next')]));
    expect(messages.map(({ data, isBinary }) => [data.toString(), isBinary])).toEqual([
      [payload, false],
      ['next', false],
    ]);
  });

  it('is the same whether its text comes as strings or as bytes, in any number of parts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.boolean()), { maxLength: 6 }),
        async (parts) => {
          const whole = parts.map(([part]) => part).join('');
          const frame = textFrame(...parts.map(([part, asBytes]) => (asBytes ? Buffer.from(part) : part)));
          expect(frame.equals(frameOfWs(text, Buffer.from(whole)))).toBe(true);
          const [message] = await readWithWs(frame);
          expect(message?.data.equals(Buffer.from(whole))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
