import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Wishes } from '../src/index.js';

interface Room {
  id: string;
  mode: number;
}

const create = () => new Wishes<Room>(({ id }) => id);

describe('wishes', () => {
  it('are asked for once on each connection', () => {
    const wishes = create();
    wishes.add({ id: 'a', mode: 1 });
    wishes.add({ id: 'b', mode: 1 });
    expect(wishes.takeUnasked().map(({ id }) => id)).toEqual(['a', 'b']);
    expect(wishes.takeUnasked()).toEqual([]);
    wishes.interrupted();
    wishes.interrupted();
    expect(wishes.takeUnasked().map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('replace those with the same key, and are asked for again', () => {
    const wishes = create();
    wishes.add({ id: 'a', mode: 1 });
    wishes.takeUnasked();
    wishes.add({ id: 'a', mode: 2 });
    expect(wishes.takeUnasked()).toEqual([{ id: 'a', mode: 2 }]);
    expect(wishes.list).toEqual([{ id: 'a', mode: 2 }]);
    expect(wishes.get('a')).toEqual({ id: 'a', mode: 2 });
  });

  it('are forgotten when they are taken back', () => {
    const wishes = create();
    wishes.add({ id: 'a', mode: 1 });
    expect(wishes.remove('a')).toBe(true);
    expect(wishes.remove('a')).toBe(false);
    expect(wishes.takeUnasked()).toEqual([]);
    wishes.interrupted();
    expect(wishes.takeUnasked()).toEqual([]);
  });

  it('are all known to the server after each asking, whatever happened before', () => {
    const key = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      fc.record({ is: fc.constant('add' as const), id: key, mode: fc.nat(3) }),
      fc.record({ is: fc.constant('remove' as const), id: key }),
      fc.constant({ is: 'ask' as const }),
      fc.constant({ is: 'lose' as const }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const wishes = create();
        const wanted = new Map<string, number>();
        const server = new Map<string, number>();
        for (const step of [...steps, { is: 'ask' as const }]) {
          if (step.is === 'add') {
            wishes.add({ id: step.id, mode: step.mode });
            wanted.set(step.id, step.mode);
          } else if (step.is === 'remove') {
            expect(wishes.remove(step.id)).toBe(wanted.delete(step.id));
            server.delete(step.id);
          } else if (step.is === 'lose') {
            server.clear();
            wishes.interrupted();
          } else {
            for (const { id, mode } of wishes.takeUnasked()) server.set(id, mode);
            expect(new Map([...server].sort())).toEqual(new Map([...wanted].sort()));
          }
        }
      }),
    );
  });
});
