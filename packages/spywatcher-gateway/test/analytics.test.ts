import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Activity } from '@roomcast/spywatcher-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Analytics } from '../src/analytics/analytics.js';
import { ChannelTable } from '../src/analytics/channel-table.js';
import { Top } from '../src/analytics/top.js';
import { partOf } from '../src/analytics/window.js';
import { savedSpywatcher } from '../src/index.js';

const hour = 3_600_000;
const day = 24 * hour;
/** A moment at which a part of the window begins. */
const start = Date.UTC(2026, 0, 16, 12);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function bytesInUse(): number {
  // Array buffers are swept beside the program: the second collection waits for what the first has begun.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const limits = { maxMembersPerGuild: 1000, maxMembers: 10_000, maxGuilds: 10 };

function did(type: Activity['type'], userId: string, at: number, channelId?: string): Activity {
  const timestamp = new Date(at).toISOString();
  const who = { userId, username: `name-${userId}`, timestamp, ...(channelId && { channelId }) };
  if (type === 'roles') return { type, ...who, addedRoles: [], removedRoles: [] };
  return { type, ...who };
}

function counted(...activities: Activity[]): Analytics {
  const analytics = new Analytics(limits);
  for (const activity of activities) analytics.record('1', activity, Date.parse(activity.timestamp));
  return analytics;
}

function times<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

describe('scores', () => {
  it('of ghosts are typing events for each message, or for one where there was none', () => {
    const analytics = counted(
      ...times(7, () => did('typing', 'a', start)),
      ...times(2, () => did('message', 'a', start)),
      ...times(3, () => did('typing', 'b', start)),
      ...times(9, () => did('message', 'c', start)),
    );
    expect(analytics.compute('1', start).ghosts).toEqual([
      { userId: 'a', username: 'name-a', ghostScore: 3.5 },
      { userId: 'b', username: 'name-b', ghostScore: 3 },
    ]);
  });

  it('of lurkers are 1 from five presences on, without a message or typing', () => {
    const analytics = counted(
      ...times(4, () => did('presence', 'four', start)),
      ...times(5, () => did('presence', 'five', start)),
      ...times(6, () => did('presence', 'six', start)),
      ...times(9, () => did('presence', 'speaks', start)),
      did('message', 'speaks', start),
      ...times(9, () => did('presence', 'types', start)),
      did('typing', 'types', start),
      ...times(5, () => did('presence', 'joined', start)),
      did('join', 'joined', start),
      did('roles', 'joined', start),
    );
    expect(analytics.compute('1', start).lurkers).toEqual(
      ['six', 'five', 'joined'].map((id) => ({ userId: id, username: `name-${id}`, lurkerScore: 1, channelCount: 0 })),
    );
  });

  it('of diversity are distinct channels of messages and typing', () => {
    const analytics = counted(
      did('message', 'a', start, 'x'),
      did('message', 'a', start, 'x'),
      did('typing', 'a', start, 'y'),
      did('message', 'b', start, 'x'),
      did('message', 'none', start),
    );
    expect(analytics.compute('1', start).channelDiversity).toEqual([
      { userId: 'a', username: 'name-a', channelCount: 2 },
      { userId: 'b', username: 'name-b', channelCount: 1 },
    ]);
  });

  it('are those of the ten, ten and twenty first', () => {
    const analytics = counted(
      ...times(30, (index) => times(index + 1, () => did('typing', `t${index}`, start, `c${index}`))).flat(),
      ...times(30, (index) => times(index + 5, () => did('presence', `p${index}`, start))).flat(),
      ...times(30, (index) => times(index + 1, (channel) => did('message', `m${index}`, start, `c${channel}`))).flat(),
    );
    const { ghosts, lurkers, channelDiversity } = analytics.compute('1', start);
    expect(ghosts.map(({ userId }) => userId)).toEqual(times(10, (index) => `t${29 - index}`));
    expect(lurkers.map(({ userId }) => userId)).toEqual(times(10, (index) => `p${29 - index}`));
    expect(channelDiversity.map(({ userId }) => userId)).toEqual(times(20, (index) => `m${29 - index}`));
  });

  it('bear the last name that was told, and guilds do not mix', () => {
    const analytics = counted(did('typing', 'a', start));
    analytics.record('1', { ...did('presence', 'a', start), username: 'new name' }, start);
    analytics.record('1', { ...did('typing', 'a', start), username: '' }, start);
    analytics.record('2', did('typing', 'b', start), start);
    expect(analytics.compute('1', start).ghosts).toEqual([{ userId: 'a', username: 'new name', ghostScore: 2 }]);
    expect(analytics.compute('2', start).ghosts.map(({ userId }) => userId)).toEqual(['b']);
    expect(analytics.compute('3', start)).toEqual({
      ghosts: [],
      lurkers: [],
      channelDiversity: [],
      timestamp: new Date(start).toISOString(),
    });
  });
});

describe('the window', () => {
  const score = (analytics: Analytics, now: number) => analytics.compute('1', now).ghosts[0]?.ghostScore ?? 0;

  it.each([
    ['for 6 days and 18 hours', 6 * day + 18 * hour - 1, 1],
    ['not after 7 days', 7 * day, 0],
  ])('counts what was done %s', (_name, later, expected) => {
    for (const offset of [0, 1, 3 * hour, 6 * hour - 1]) {
      const analytics = counted(did('typing', 'a', start + offset, 'x'));
      expect(score(analytics, start + offset + later)).toBe(expected);
      expect(analytics.compute('1', start + offset + later).channelDiversity).toHaveLength(expected);
    }
  });

  it('takes what comes late where it belongs, not at all when it is too old, and what is to come as now', () => {
    const analytics = new Analytics(limits);
    expect(analytics.record('1', did('typing', 'a', start - 3 * day), start)).toBe(true);
    expect(analytics.record('1', did('typing', 'a', start - 7 * day), start)).toBe(false);
    expect(analytics.record('1', did('typing', 'a', start + 30 * day), start)).toBe(true);
    expect(score(analytics, start)).toBe(2);
    expect(score(analytics, start + 5 * day)).toBe(1);
    expect(score(analytics, start + 7 * day)).toBe(0);
  });

  it('a channel counts as long as somebody was there last, whatever the order', () => {
    const analytics = counted(did('message', 'a', start + 5 * day, 'x'), did('message', 'a', start, 'x'));
    expect(analytics.compute('1', start + 8 * day).channelDiversity).toHaveLength(1);
  });
});

describe('a channel', () => {
  it('that was left for a week and is visited again counts once', () => {
    const analytics = new Analytics(limits);
    const later = start + 8 * day;
    for (let index = 0; index < 10; index++) analytics.record('1', did('message', `m${index}`, start, 'x'), start);
    for (let index = 0; index < 10; index++) {
      analytics.record('1', did('typing', `m${index}`, start + 6 * day), start + 6 * day);
    }
    expect(analytics.compute('1', later).channelDiversity).toEqual([]);
    for (let count = 0; count < 2; count++) analytics.record('1', did('message', 'm3', later, 'x'), later);
    expect(analytics.compute('1', later).channelDiversity).toEqual([
      { userId: 'm3', username: 'name-m3', channelCount: 1 },
    ]);
  });
});

describe('memory', () => {
  it('of members ends: more are not counted until others have done nothing for seven days', () => {
    const analytics = new Analytics({ ...limits, maxMembersPerGuild: 3, maxMembers: 100 });
    for (const id of ['a', 'b', 'c']) expect(analytics.record('1', did('typing', id, start), start)).toBe(true);
    expect(analytics.record('1', did('typing', 'd', start), start)).toBe(false);
    expect(analytics.record('1', did('typing', 'a', start), start)).toBe(true);
    expect(analytics.members).toBe(3);
    const later = start + 3 * day;
    expect(analytics.record('1', did('typing', 'c', later, 'x'), later)).toBe(true);
    const week = start + 7 * day;
    expect(analytics.record('1', did('typing', 'd', week), week)).toBe(true);
    expect(analytics.members).toBe(2);
    expect(analytics.compute('1', week).ghosts.map(({ userId, ghostScore }) => [userId, ghostScore])).toEqual([
      ['c', 1],
      ['d', 1],
    ]);
    expect(analytics.compute('1', week).channelDiversity.map(({ userId }) => userId)).toEqual(['c']);
  });

  it('of a full guild has room again for each member of whom nothing counts', () => {
    const analytics = new Analytics({ ...limits, maxMembersPerGuild: 10, maxMembers: 100 });
    for (let index = 0; index < 10; index++) analytics.record('1', did('typing', `m${index}`, start), start);
    const later = start + 3 * day;
    for (let index = 1; index < 10; index++) analytics.record('1', did('typing', `m${index}`, later), later);
    const week = start + 7 * day;
    expect(analytics.record('1', did('typing', 'new', week), week)).toBe(true);
    expect(analytics.members).toBe(10);
  });

  it('of all guilds ends, too', () => {
    const analytics = new Analytics({ ...limits, maxMembersPerGuild: 10, maxMembers: 2 });
    analytics.record('1', did('typing', 'a', start), start);
    analytics.record('2', did('typing', 'a', start), start);
    expect(analytics.record('3', did('typing', 'a', start), start)).toBe(false);
    expect(analytics.record('2', did('typing', 'b', start), start)).toBe(false);
    expect(analytics.record('2', did('typing', 'a', start), start)).toBe(true);
    const week = start + 7 * day;
    expect(analytics.record('3', did('typing', 'a', week), week)).toBe(true);
    expect(analytics.members).toBe(1);
    expect(analytics.compute('1', week).ghosts).toEqual([]);
  });

  it('of guilds ends as well: no more are counted until nothing counts of others', () => {
    const analytics = new Analytics({ ...limits, maxGuilds: 2 });
    const type = (guildId: string, now: number) => analytics.record(guildId, did('typing', 'a', now), now);
    expect([type('1', start), type('2', start + day), type('3', start + day), type('2', start + day)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    const week = start + 7 * day;
    expect([type('3', week), type('4', week)]).toEqual([true, false]);
    expect(analytics.compute('2', week).ghosts).toHaveLength(1);
    const restored = new Analytics({ ...limits, maxGuilds: 1 });
    restored.restore(analytics.saved(week));
    expect(Object.keys(restored.saved(week))).toHaveLength(1);
    expect(restored.members).toBe(1);
  });

  it('of a guild of one member is about 25 kB', () => {
    const analytics = new Analytics({ ...limits, maxGuilds: 1000 });
    const before = bytesInUse();
    for (let part = 0; part < 28; part++) {
      const now = start + part * 6 * hour;
      for (let guild = 0; guild < 1000; guild++) analytics.record(`g${guild}`, did('message', 'a', now, 'x'), now);
    }
    expect(analytics.members).toBe(1000);
    expect((bytesInUse() - before) / 1000).toBeLessThan(30_000);
  });

  it('tells 512 channels of a guild apart', () => {
    const analytics = new Analytics(limits);
    for (let channel = 0; channel < 600; channel++)
      analytics.record('1', did('message', 'a', start, `c${channel}`), start);
    expect(analytics.compute('1', start).channelDiversity[0]?.channelCount).toBe(512);
  });

  it('of a count ends at what it holds', () => {
    const analytics = new Analytics(limits);
    const message = did('message', 'a', start);
    for (let count = 0; count < 70_000; count++) analytics.record('1', message, start);
    for (let count = 0; count < 70_000; count++) analytics.record('1', did('typing', 'a', start), start);
    for (let count = 0; count < 70_000; count++) analytics.record('1', did('typing', 'c', start), start);
    expect(analytics.compute('1', start).ghosts.map(({ ghostScore }) => ghostScore)).toEqual([65_535, 1]);
    for (let count = 0; count < 300; count++) analytics.record('1', did('presence', 'b', start), start);
    expect(analytics.compute('1', start).lurkers[0]?.userId).toBe('b');
  });

  it('for 100,000 members who are active in all of seven days is about 40 MB', () => {
    const analytics = new Analytics({ ...limits, maxMembersPerGuild: 200_000, maxMembers: 200_000 });
    const before = bytesInUse();
    const record = (index: number, now: number, channelId: string) => {
      const userId = String(100_000_000_000_000_000n + BigInt(index));
      const timestamp = new Date(now).toISOString();
      analytics.record('1', { type: 'message', userId, username: `member-${index}`, timestamp, channelId }, now);
    };
    for (let index = 0; index < 100_000; index++) {
      for (let channel = 0; channel < 5; channel++) record(index, start, `channel-${channel}`);
    }
    // A part of the window takes as much for one member as for all.
    for (let part = 1; part < 28; part++) record(part, start + part * 6 * hour, 'channel-0');
    // Five channels each, in a table of 8 bytes a place; 5 bytes in each of 28 parts and 12 for totals.
    expect(analytics.bytes).toBeLessThan(28 * 1024 * 1024);
    // Ids and names take the rest.
    expect(bytesInUse() - before).toBeLessThan(48 * 1024 * 1024);
    const { channelDiversity } = analytics.compute('1', start + 27 * 6 * hour);
    expect(channelDiversity[0]?.channelCount).toBe(5);
  });
});

describe('what is saved', () => {
  it('restores to the same figures', () => {
    const kinds = fc.constantFrom<Activity['type'][]>('message', 'typing', 'presence', 'join', 'roles');
    const activity = fc.record({
      guild: fc.constantFrom('1', '2'),
      type: kinds,
      user: fc.constantFrom('a', 'b', 'c', 'd'),
      hours: fc.nat(24 * 9),
      channel: fc.constantFrom('x', 'y', 'z', undefined),
    });
    fc.assert(
      fc.property(fc.array(activity, { maxLength: 80 }), fc.nat(24 * 9), (activities, hours) => {
        const analytics = new Analytics(limits);
        for (const { guild, type, user, hours, channel } of activities) {
          analytics.record(guild, did(type, user, start + hours * hour, channel), start + hours * hour);
        }
        const now = start + (24 * 9 + hours) * hour;
        const saved = analytics.saved(now);
        const text = JSON.stringify({ version: 1, guilds: saved, updates: [] });
        const restored = new Analytics(limits);
        restored.restore(savedSpywatcher.parse(JSON.parse(text)).guilds);
        for (const guild of ['1', '2']) expect(restored.compute(guild, now)).toEqual(analytics.compute(guild, now));
        expect(restored.members).toBe(analytics.members);
      }),
    );
  });

  it('has nothing that was left behind already, when a clock was set back meanwhile', () => {
    const analytics = new Analytics(limits);
    expect(analytics.record('1', did('message', 'a', start + 216 * hour, 'x'), start + 216 * hour)).toBe(true);
    expect(analytics.record('1', did('message', 'b', start, 'x'), start)).toBe(false);
    expect(analytics.compute('1', start + 216 * hour).channelDiversity.map(({ userId }) => userId)).toEqual(['a']);
  });

  it('and makes no sense does no harm', () => {
    const odd = {
      users: ['a', 'b', 'a'],
      names: ['a', 'b'],
      channels: times(600, String),
      parts: [[1, 'AA==', '!!', ''] as [number, string, string, string]],
      active: Buffer.from(Uint32Array.of(5, 5, 5, 0, 0, 1, 0).buffer).toString('base64'),
    };
    const analytics = new Analytics(limits);
    analytics.restore({ '1': odd });
    analytics.record('1', did('typing', 'a', start), start);
    expect(analytics.compute('1', start).ghosts.map(({ userId }) => userId)).toEqual(['a']);
  });
});

describe('what is restored', () => {
  const saved = (...users: string[]) => {
    const analytics = new Analytics(limits);
    for (const user of users) analytics.record('1', did('typing', user, start, 'x'), start);
    return analytics.saved(start);
  };

  it('takes the place of nothing that is known already', () => {
    const analytics = counted(did('typing', 'a', start), did('typing', 'a', start));
    analytics.restore(saved('a', 'b'));
    expect(analytics.members).toBe(1);
    expect(analytics.compute('1', start).ghosts.map(({ ghostScore }) => ghostScore)).toEqual([2]);
  });

  it('is not more than there may be', () => {
    const analytics = new Analytics({ ...limits, maxMembersPerGuild: 10, maxMembers: 2 });
    analytics.restore(saved('a', 'b', 'c'));
    expect(analytics.members).toBe(0);
    const narrow = new Analytics({ ...limits, maxMembersPerGuild: 2, maxMembers: 10 });
    narrow.restore(saved('a', 'b', 'c'));
    expect(narrow.compute('1', start).ghosts.map(({ userId }) => userId)).toEqual(['a', 'b']);
  });

  it('of members and channels that are not there is nothing', () => {
    const now = partOf(start);
    const analytics = new Analytics(limits);
    const active = Buffer.from(Uint32Array.of(5, 0, now, 0, 7, now).buffer).toString('base64');
    analytics.restore({ '1': { users: ['a'], names: ['a'], channels: ['x'], parts: [], active } });
    for (let index = 0; index < 6; index++) analytics.record('1', did('typing', `m${index}`, start), start);
    const later = start + 6 * hour;
    for (let index = 0; index < 6; index++) analytics.record('1', did('typing', `m${index}`, later), later);
    expect(analytics.compute('1', later).channelDiversity).toEqual([]);
  });
});

describe('a channel table', () => {
  it('holds what a map holds', () => {
    const touch = fc.record({ row: fc.nat(2000), channel: fc.nat(511), time: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(touch, { maxLength: 500 }), fc.nat(50), (touches, since) => {
        const table = new ChannelTable();
        const model = new Map<string, number>();
        for (const { row, channel, time } of touches) {
          table.touch(row, channel, time, 0);
          const key = `${row} ${channel}`;
          model.set(key, Math.max(time, model.get(key) ?? 0));
        }
        const found: string[] = [];
        table.each(since, (row, channel, time) => found.push(`${row} ${channel} ${time}`));
        const expected = [...model].filter(([, time]) => time >= since).map(([key, time]) => `${key} ${time}`);
        expect(found.sort()).toEqual(expected.sort());
        expect(table.triples(since)).toHaveLength(expected.length * 3);
      }),
    );
  });
});

describe('the best of many', () => {
  it('are what sorting would give', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), fc.integer({ min: 1, max: 10 }), (scores, most) => {
        const top = new Top(most);
        for (const [index, score] of scores.entries()) top.offer(index, score);
        const sorted = [...scores.keys()].sort(
          (one, other) => (scores[other] as number) - (scores[one] as number) || one - other,
        );
        expect(top.best.map(({ row }) => row)).toEqual(sorted.slice(0, most));
      }),
    );
  });
});
