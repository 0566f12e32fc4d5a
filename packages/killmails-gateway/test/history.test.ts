import type { Killmail } from '@roomcast/killmails-protocol';
import { describe, expect, it } from 'vitest';
import { History } from '../src/history.js';
import { Ledger } from '../src/ledger.js';

const hourMs = 3_600_000;
const now = Date.UTC(2026, 0, 2);

function kill(id: number, system: number, hoursAgo: number): Killmail {
  const time = new Date(now - hoursAgo * hourMs).toISOString();
  return {
    killmail_id: id,
    killmail_time: time,
    kill_time: time,
    solar_system_id: system,
    system_id: system,
    victim: {},
    attackers: [],
    attacker_count: 0,
  };
}

function add(history: History, killmail: Killmail, bytes = 10): void {
  history.add(killmail, Buffer.alloc(bytes));
}

describe('History', () => {
  it('answers a system with its kills of the last hours, the newest by its own time first', () => {
    const history = new History();
    add(history, kill(1, 30000142, 3));
    add(history, kill(2, 30000142, 1));
    add(history, kill(3, 30000142, 2));
    add(history, kill(4, 30002187, 1));
    const recent = (sinceHours: number, limit: number) =>
      history.recent(30000142, { sinceHours, limit, now }).map(({ id }) => id);
    expect(recent(24, 10)).toEqual([2, 3, 1]);
    expect(recent(2.5, 10)).toEqual([2, 3]);
    expect(recent(24, 1)).toEqual([2]);
    expect(history.recent(1, { sinceHours: 24, limit: 10, now })).toEqual([]);
  });

  it('forgets the kills that arrived first when there are too many', () => {
    const history = new History({ maxKills: 2 });
    add(history, kill(1, 1, 1));
    add(history, kill(2, 2, 1));
    add(history, kill(3, 1, 1));
    expect(history.byId(1)).toBeUndefined();
    expect(history.byId(3)?.system).toBe(1);
    expect(history.recent(1, { sinceHours: 24, limit: 10, now }).map(({ id }) => id)).toEqual([3]);
    expect(history.size).toBe(2);
  });

  it('keeps within its bytes, and always the newest', () => {
    const history = new History({ maxBytes: 100 });
    add(history, kill(1, 1, 1), 60);
    add(history, kill(2, 1, 1), 40);
    expect(history.size).toBe(2);
    add(history, kill(3, 1, 1), 500);
    expect([...history.all()].map(({ id }) => id)).toEqual([3]);
  });
});

describe('the ledger', () => {
  it('knows an id until as many new ones as it remembers have come', () => {
    const ledger = new Ledger(2);
    const add = (id: number) => ledger.add([id, 30000142, 5]);
    expect([add(1), add(1), add(2), add(3), add(1)]).toEqual([true, false, true, true, true]);
    expect([...ledger.all()].map(([id]) => id)).toEqual([3, 1]);
  });

  it('tells in pages what was taken since a minute, in its order', () => {
    const ledger = new Ledger(5);
    for (let id = 1; id <= 7; id++) ledger.add([id, 30000142, id % 2 === 0 ? 5 : 9]);
    const ids = (page: { taken: readonly (readonly number[])[] }) => page.taken.map(([id]) => id);
    const first = ledger.page({ after: 0, sinceMinute: 0, limit: 2 });
    expect(ids(first)).toEqual([3, 4]);
    const second = ledger.page({ after: first.next ?? 0, sinceMinute: 0, limit: 2 });
    expect(ids(second)).toEqual([5, 6]);
    expect(ledger.page({ after: second.next ?? 0, sinceMinute: 0, limit: 2 })).toEqual({
      taken: [[7, 30000142, 9]],
      next: null,
    });
    expect(ids(ledger.page({ after: 0, sinceMinute: 6, limit: 9 }))).toEqual([3, 5, 7]);
  });
});
