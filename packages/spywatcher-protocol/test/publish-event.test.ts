import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
// Loaded into the same process it gives zod/mini texts of its own, which must not get into ours.
import 'zod';
import {
  activityTypes,
  guildEventNames,
  parsePublishEvent,
  parseServerEvent,
  publishedData,
  publishedEventNames,
} from '../src/index.js';
import { activityExamples, example, guildId } from './support/data.js';

function accepted(input: object) {
  const parsed = parsePublishEvent({ guildId, ...input });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}

function issuesOf(input: unknown): string[] {
  const parsed = parsePublishEvent(input);
  return parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path}: ${message}`);
}

describe('what is wrong with an event', () => {
  it.each([null, 5, 'x', [], undefined])('that is %j is told of the event itself', (input) => {
    expect(issuesOf(input)).toEqual([expect.stringMatching(/^: expected an object, got /)]);
  });

  it('is told field by field, all at once', () => {
    const data = { userId: 5, username: 'x'.repeat(257), channelId: '', channelName: 'general' };
    expect(issuesOf({ guildId: '', event: 'message:new', data })).toEqual([
      'guildId: expected a text of 1 to 128 characters, no control characters, got ""',
      'data.guildId: expected a text of 1 to 128 characters, no control characters, got ""',
      'data.userId: expected a string, got 5',
      expect.stringMatching(/^data.username: expected at most 256 characters, got "x{40}…"$/),
      'data.channelId: expected a text of 1 to 128 characters, no control characters, got ""',
      'data.timestamp: expected an ISO 8601 time with offset, got nothing',
    ]);
  });

  it('is told where the guild or the event is missing', () => {
    expect(issuesOf({})).toEqual([
      'guildId: expected a string, got nothing',
      `event: expected one of ${publishedEventNames.join(', ')}, or an activity, got nothing`,
    ]);
    for (const event of ['error', 'toString', 'disconnect', 5, null]) {
      expect(issuesOf({ guildId, event, data: {} })[0]).toMatch(
        /^event: expected one of analytics:update, message:new/,
      );
    }
  });

  it.each([undefined, null, 5, [], 'x'])('is told where the data is %j', (data) => {
    expect(issuesOf({ guildId, event: 'user:join', data })[0]).toMatch(/^data: expected an object, got /);
  });

  it.each([
    ['message:new', { timestamp: 'yesterday' }, 'data.timestamp'],
    ['message:new', { timestamp: '2026-01-16T12:10:00' }, 'data.timestamp'],
    ['message:new', { channelName: 5 }, 'data.channelName'],
    ['message:new', { guildId: 'another' }, 'data.guildId'],
    ['alert:multiClient', { platforms: 'web' }, 'data.platforms'],
    ['alert:multiClient', { platforms: ['web', 'console'] }, 'data.platforms.1'],
    ['alert:multiClient', { platforms: ['web', 'web', 'web', 'web'] }, 'data.platforms'],
    ['presence:update', { status: 'away' }, 'data.status'],
    ['role:change', { addedRoles: [5] }, 'data.addedRoles.0'],
    ['role:change', { addedRoles: Array(251).fill('x') }, 'data.addedRoles'],
    ['user:join', { accountAgeDays: -1 }, 'data.accountAgeDays'],
    ['user:join', { accountAgeDays: '42' }, 'data.accountAgeDays'],
    ['user:join', { userId: 'a\u0000b' }, 'data.userId'],
    ['analytics:update', { data: { ghosts: [] } }, 'data.data.lurkers'],
    ['analytics:update', { data: 5 }, 'data.data'],
    ['analytics:update', { guildId: 'another' }, 'data.guildId'],
  ] as const)('%s with %j is told of %s', (event, wrong, path) => {
    const issues = issuesOf({ guildId, event, data: { ...example(event), ...wrong } });
    expect(issues[0]).toMatch(new RegExp(`^${path}: expected `));
  });

  it('is described by its first hundred issues', () => {
    const data = { ...example('role:change'), addedRoles: Array(250).fill(5) };
    expect(issuesOf({ guildId, event: 'role:change', data })).toHaveLength(100);
  });

  it.each([
    [{ type: 'edit' }, 'activity.type'],
    [{ type: 'message', userId: undefined }, 'activity.userId'],
    [{ type: 'presence', status: 'invisible' }, 'activity.status'],
    [{ type: 'presence', clientStatus: 'desktop' }, 'activity.clientStatus'],
    [{ type: 'presence', clientStatus: { desktop: 5 } }, 'activity.clientStatus.desktop'],
    [{ type: 'join', accountCreatedAt: 'long ago' }, 'activity.accountCreatedAt'],
    [{ type: 'roles', removedRoles: 'x' }, 'activity.removedRoles'],
    [{ type: 'roles', addedRoles: Array(251).fill('x') }, 'activity.addedRoles'],
    [{ type: 'typing', channelId: '' }, 'activity.channelId'],
  ])('an activity with %j is told of %s', (wrong, path) => {
    const activity = { userId: 'u', username: 'name', timestamp: '2026-01-16T12:00:00Z', ...wrong };
    expect(issuesOf({ guildId, activity })).toEqual([expect.stringMatching(new RegExp(`^${path}: expected `))]);
  });

  it('is told where an activity is none, or comes beside an event', () => {
    for (const activity of [null, 5, []]) {
      expect(issuesOf({ guildId, activity })).toEqual([expect.stringMatching(/^activity: expected an object, got /)]);
    }
    const [first] = activityExamples;
    expect(issuesOf({ ...first, event: 'user:join', data: example('user:join') })).toEqual([
      'activity: expected either event and data or activity, got both',
    ]);
  });
});

describe('an event that is accepted', () => {
  it.each(publishedEventNames)('%s has exactly the documented fields and its guild', (event) => {
    const data = example(event);
    const extra = { content: 'the text of a message', token: 'secret', removedRoles: ['x'] };
    expect(accepted({ event, data: { ...data, ...extra } })).toEqual({ guildId, event, data: { guildId, ...data } });
  });

  it('has analytics with the documented fields on every level', () => {
    const secret = { email: 'somebody@example.com' };
    const data = structuredClone(example('analytics:update')) as { data: Record<string, object[]> };
    for (const list of ['ghosts', 'lurkers', 'channelDiversity']) {
      Object.assign(data.data[list]?.[0] as object, secret);
    }
    Object.assign(data.data, secret);
    expect(accepted({ event: 'analytics:update', data })).toEqual({
      guildId,
      event: 'analytics:update',
      data: example('analytics:update'),
    });
  });

  it('has as many entries as an update may have', () => {
    const who = (index: number) => ({ userId: String(index), username: 'x', channelCount: index });
    const list = Array.from({ length: 30 }, (_, index) => who(index));
    const update = accepted({
      event: 'analytics:update',
      data: {
        ghosts: list.map((entry) => ({ ...entry, ghostScore: 1 })),
        lurkers: list.map((entry) => ({ ...entry, lurkerScore: 1 })),
        channelDiversity: list,
        timestamp: '2026-01-16T12:00:00Z',
      },
    });
    if (!('event' in update) || update.event !== 'analytics:update') throw new Error('no analytics');
    const { data } = update.data;
    const users = (name: 'ghosts' | 'lurkers' | 'channelDiversity') => data[name].map(({ userId }) => Number(userId));
    expect(users('ghosts')).toEqual([...Array(10).keys()]);
    expect(users('lurkers')).toEqual([...Array(10).keys()]);
    expect(users('channelDiversity')).toEqual([...Array(20).keys()]);
  });

  it('may have analytics without their envelope, and one time for both', () => {
    const full = example('analytics:update') as { data: { timestamp: string }; timestamp: string };
    const { timestamp, ...analytics } = full.data;
    const event = 'analytics:update';
    const expected = { guildId, event, data: full };
    expect(accepted({ event, data: full.data })).toEqual(expected);
    expect(accepted({ event, data: { data: analytics, timestamp } })).toEqual(expected);
    expect(accepted({ event, data: { data: full.data } })).toEqual(expected);
    expect(accepted({ event, data: { data: { ...full.data, timestamp: null }, timestamp } })).toEqual(expected);
  });

  it('takes null as absent', () => {
    const [message] = activityExamples;
    const { channelName, ...rest } = message?.activity ?? {};
    expect(channelName).toBeDefined();
    expect(accepted({ activity: { ...rest, channelName: null } })).toEqual({ guildId, activity: rest });
    expect(accepted({ activity: { ...rest, type: 'roles', addedRoles: null } })).toMatchObject({
      activity: { addedRoles: [], removedRoles: [] },
    });
  });

  it.each(activityExamples)('takes an activity: $activity.type', (input) => {
    expect(accepted({ activity: { ...input.activity, content: 'secret' } })).toEqual(input);
  });

  it('is what clients read, whatever was published', () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('online', 'u', '2026-01-16T12:10:00Z', 5, null, []));
    const fields = [...new Set(Object.values(publishedData).flatMap(({ shape }) => Object.keys(shape)))];
    const data = fc.record(Object.fromEntries(fields.map((field) => [field, value])), { requiredKeys: [] });
    const event = fc.record(
      {
        guildId: fc.oneof(fc.constant(guildId), fc.jsonValue()),
        event: fc.oneof(fc.constantFrom(...guildEventNames, 'analytics:update', 'error'), fc.jsonValue()),
        activity: fc.oneof(fc.record({ type: fc.constantFrom(...activityTypes) }), fc.jsonValue()),
        data: fc.oneof(data, fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(event, fc.jsonValue()), (input) => {
        const parsed = parsePublishEvent(input);
        if (!parsed.ok) expect(parsed.issues.length).toBeGreaterThan(0);
        else if ('event' in parsed.value) {
          const { event, data } = parsed.value;
          expect(parseServerEvent(event, data)).toEqual({ ok: true, value: data });
        }
      }),
    );
  });
});
