import { describe, expect, it } from 'vitest';
import { Assembly, maxMessageBytes, split } from '../src/parts.js';

const bytes = (length: number, fill = 1) => new Uint8Array(length).fill(fill);

describe('a message larger than the server takes', () => {
  it.each([1, 487, 488, 489, 976, 5000])('of %i bytes is whole again after its last part, and not before', (size) => {
    const message = Uint8Array.from({ length: size }, (_, index) => index % 251);
    const parts = split(message, 1000, 'x.1');
    const assembly = new Assembly();
    const whole = parts.map((part) => assembly.add('t', part.header, part.bytes));
    expect(whole.slice(0, -1).every((one) => one === undefined)).toBe(true);
    expect(whole.at(-1)).toEqual(Buffer.from(message));
    expect(parts.every((part) => part.bytes.length <= 488)).toBe(true);
  });

  it('is put together beside others, each on its own', () => {
    const assembly = new Assembly();
    const [a, b] = [split(bytes(1000, 1), 1000, 'a.1'), split(bytes(1000, 2), 1000, 'b.1')];
    const order = [a[0], b[0], a[1], b[1], b[2], a[2]] as typeof a;
    const whole = order.map((part) => assembly.add('t', part.header, part.bytes));
    expect(whole.map((one) => one?.[0])).toEqual([undefined, undefined, undefined, undefined, 2, 1]);
    const again = a.map((part, index) => assembly.add(index === 1 ? 'other' : 't', part.header, part.bytes));
    expect(again).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['a part is missing', [0, 2]],
    ['the first is missing', [1, 2]],
    ['one comes twice', [0, 1, 1, 2]],
    ['they come in another order', [1, 0, 2]],
  ])('is dropped where %s', (_, order) => {
    const assembly = new Assembly();
    const parts = split(bytes(1400), 1000, 'x.1');
    expect(parts).toHaveLength(3);
    const whole = order.map((index) => assembly.add('t', parts[index]?.header as string, bytes(10)));
    expect(whole.every((one) => one === undefined)).toBe(true);
  });

  it.each(['', 'x', 'x 1', 'x 0/2', 'x 2/2', 'x 3/2', 'x -1/2', 'x 1/1000000000', 'x y 1/2'])(
    'is none where a stranger says %j',
    (header) => {
      const assembly = new Assembly();
      expect(assembly.add('t', header, bytes(10))).toBeUndefined();
    },
  );

  it('is held in bounded memory: the oldest that is incomplete gives way', () => {
    const assembly = new Assembly();
    const large = bytes(maxMessageBytes / 2);
    for (const id of ['a', 'b', 'c']) assembly.add('t', `${id} 1/2`, large);
    expect(assembly.add('t', 'a 2/2', bytes(1))).toBeUndefined();
    expect(assembly.add('t', 'c 2/2', bytes(1))).toHaveLength(large.length + 1);
    assembly.add('t', 'd 1/3', large);
    assembly.add('t', 'd 2/3', bytes(large.length + 1));
    expect(assembly.add('t', 'd 3/3', bytes(1))).toBeUndefined();
  });
});
