import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Wishes } from '../src/wishes.js';

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 8 }));

describe('wishes', () => {
  it('tell which were new', () => {
    const wishes = new Wishes([1, 2]);
    expect(wishes.add([2, 3])).toEqual([3]);
    expect(wishes.list).toEqual([1, 2, 3]);
  });

  it('remember that there were ever any', () => {
    const wishes = new Wishes([]);
    expect(wishes.everUsed).toBe(false);
    wishes.add([1]);
    wishes.remove([1]);
    expect(wishes.everUsed).toBe(true);
  });

  it('keep the first ones when they are rejected: there is nothing before them', () => {
    const wishes = new Wishes([1, 2]);
    wishes.joinSent();
    wishes.joinRejected();
    expect(wishes.list).toEqual([1, 2]);
  });

  it('fall back on rejection to what is still wanted of what a server accepted', () => {
    const action = fc.oneof(
      fc.record({ do: fc.constant('add' as const), ids }),
      fc.record({ do: fc.constant('add and hear yes' as const), ids }),
      fc.record({ do: fc.constant('remove' as const), ids }),
      fc.record({ do: fc.constantFrom('join' as const, 'join in vain' as const), ids: fc.constant([]) }),
    );
    fc.assert(
      fc.property(ids, fc.array(action), (initial, actions) => {
        const wishes = new Wishes(initial);
        let wanted = new Set(initial);
        let accepted: Set<number> | undefined;
        for (const step of actions) {
          if (step.do === 'remove') {
            wishes.remove(step.ids);
            for (const id of step.ids) wanted.delete(id);
          } else if (step.do === 'join') {
            wishes.joinSent();
            wishes.joinAccepted();
            accepted = new Set(wanted);
          } else if (step.do === 'join in vain') {
            wishes.joinSent();
            wishes.joinRejected();
            if (accepted) wanted = new Set([...wanted].filter((id) => accepted?.has(id)));
          } else {
            wishes.add(step.ids);
            for (const id of step.ids) wanted.add(id);
            if (step.do === 'add and hear yes') {
              wishes.accepted(step.ids);
              for (const id of step.ids) accepted?.add(id);
            }
          }
          expect([...wishes.list].sort()).toEqual([...wanted].sort());
        }
      }),
    );
  });
});
