import { turns } from '@roomcast/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownerOf } from '../src/cluster/owner.js';
import { testCluster } from './support/clusters.js';

const instances = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 8 });
const keys = fc.array(fc.string(), { minLength: 1, maxLength: 20 });

describe('the owner of a key', () => {
  it('is one of the members, and the same for all who see the same members in whatever order', () => {
    fc.assert(
      fc.property(instances, keys, fc.infiniteStream(fc.nat()), (members, some, random) => {
        const shuffled = members
          .map((member) => ({ member, rank: random.next().value as number }))
          .sort((a, b) => a.rank - b.rank)
          .map(({ member }) => member);
        for (const key of some) {
          expect(members).toContain(ownerOf(key, members));
          expect(ownerOf(key, shuffled)).toBe(ownerOf(key, members));
        }
      }),
    );
    expect(ownerOf('key', [])).toBeUndefined();
  });

  it('changes only for the keys of a member that goes, and to a member that comes', () => {
    fc.assert(
      fc.property(instances, fc.uuid(), keys, (members, comer, some) => {
        fc.pre(!members.includes(comer));
        for (const key of some) {
          const before = ownerOf(key, members);
          const after = ownerOf(key, [...members, comer]);
          expect([before, comer]).toContain(after);
        }
      }),
    );
  });

  it('is spread evenly, also over members and keys that differ little', () => {
    const members = Array.from({ length: 5 }, (_, number) => `instance-${number}`);
    const counts = new Map(members.map((member) => [member, 0]));
    const total = 10_000;
    for (let number = 0; number < total; number++) {
      const owner = ownerOf(`room-${number}`, members) as string;
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
    }
    for (const count of counts.values()) {
      expect(count).toBeGreaterThan((total / 5) * 0.85);
      expect(count).toBeLessThan((total / 5) * 1.15);
    }
  });

  it('is agreed on by the instances themselves, before and after one has gone', async () => {
    const test = testCluster();
    const clusters = [await test.join('a'), await test.join('b'), await test.join('c')];
    await turns(10);
    const some = Array.from({ length: 50 }, (_, number) => `key-${number}`);
    for (const key of some) {
      expect(new Set(clusters.map((cluster) => cluster.owner(key))).size).toBe(1);
      expect(clusters.filter((cluster) => cluster.isOwner(key))).toHaveLength(1);
    }
    const [a, b, c] = clusters;
    const ownedBefore = some.map((key) => a?.owner(key));
    await c?.close();
    await turns(5);
    for (const [index, key] of some.entries()) {
      expect(a?.owner(key)).toBe(b?.owner(key));
      expect(a?.owner(key)).not.toBe('c');
      if (ownedBefore[index] !== 'c') expect(a?.owner(key)).toBe(ownedBefore[index]);
    }
  });
});
