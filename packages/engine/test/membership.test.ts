import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Membership, type MembershipListener } from '../src/rooms/membership.js';

const rooms = ['hall', 'yard', 'attic', ''];
const members = ['ada', 'bob', 'cyd', 'dan'];

const step = fc.record({
  do: fc.constantFrom('join', 'join', 'leave', 'remove'),
  member: fc.constantFrom(...members),
  room: fc.constantFrom(...rooms),
});

/** Membership as a set of pairs. */
class Model {
  pairs = new Set<string>();
  told: string[] = [];

  has = (member: string, room: string) => this.pairs.has(`${member}|${room}`);
  in = (room: string) => members.filter((member) => this.has(member, room));
  of = (member: string) => rooms.filter((room) => this.has(member, room));

  join(member: string, room: string): boolean {
    if (this.has(member, room)) return false;
    if (this.in(room).length === 0) this.told.push(`created ${room}`);
    this.pairs.add(`${member}|${room}`);
    this.told.push(`joined ${room} ${member}`);
    return true;
  }

  leave(member: string, room: string): boolean {
    if (!this.pairs.delete(`${member}|${room}`)) return false;
    this.told.push(`left ${room} ${member}`);
    if (this.in(room).length === 0) this.told.push(`deleted ${room}`);
    return true;
  }
}

describe('membership', () => {
  it('is the same from both sides after any joins and leaves, and every change is told exactly once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const told: string[] = [];
        const membership = new Membership<string>({
          created: (room) => told.push(`created ${room}`),
          joined: (room, member) => told.push(`joined ${room} ${member}`),
          left: (room, member) => told.push(`left ${room} ${member}`),
          deleted: (room) => told.push(`deleted ${room}`),
        });
        const model = new Model();
        for (const { do: what, member, room } of steps) {
          if (what === 'join') expect(membership.join(member, room)).toBe(model.join(member, room));
          else if (what === 'leave') expect(membership.leave(member, room)).toBe(model.leave(member, room));
          else {
            // In which order rooms are left is the membership's own business.
            const order = [...membership.rooms(member)];
            membership.remove(member);
            for (const left of order) model.leave(member, left);
            expect(model.of(member)).toEqual([]);
          }
          expect(told).toEqual(model.told);
        }
        const existing = rooms.filter((room) => model.in(room).length > 0);
        expect(membership.size).toBe(existing.length);
        expect([...membership.entries()].sort()).toEqual(existing.map((room) => [room, model.in(room).length]).sort());
        for (const room of rooms) {
          const expected = model.in(room);
          expect([...(membership.members(room) ?? [])].sort()).toEqual(expected);
          expect(membership.members(room) === undefined).toBe(expected.length === 0);
          for (const member of members) expect(membership.has(member, room)).toBe(model.has(member, room));
        }
        for (const member of members) {
          expect([...membership.rooms(member)].sort()).toEqual(model.of(member).sort());
          expect(membership.count(member)).toBe(model.of(member).length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is what it will be when a listener hears of it', () => {
    const seen: unknown[] = [];
    const listener: MembershipListener<string> = {
      joined: (room, member) => seen.push(['joined', membership.has(member, room)]),
      left: (room, member) => seen.push(['left', membership.has(member, room)]),
      deleted: (room) => seen.push(['deleted', membership.members(room)]),
    };
    const membership: Membership<string> = new Membership(listener);
    membership.join('ada', 'hall');
    membership.leave('ada', 'hall');
    expect(seen).toEqual([
      ['joined', true],
      ['left', false],
      ['deleted', undefined],
    ]);
  });
});
