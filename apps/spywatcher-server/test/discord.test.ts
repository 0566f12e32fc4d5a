import type { GuildActivity } from '@roomcast/spywatcher-protocol';
import { parsePublishEvent } from '@roomcast/spywatcher-protocol';
import { eventually, ManualClock, RecordingLogger } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { joinOf, messageOf, presenceOf, rolesOf, typingOf } from '../src/discord/activities.js';
import { discordClient, discordSource, hear } from '../src/discord/source.js';

const now = Date.UTC(2026, 0, 16, 12);
const guildId = '41771983423143937';
const user = { id: '80351110224678912', username: 'nelly', discriminator: '0', avatar: null, global_name: 'Nelly' };
const bot = { ...user, id: '80351110224678999', username: 'robot', bot: true };
const channel = { id: '290926798626357999', type: 0, name: 'general', position: 1, permission_overwrites: [] };
const role = (id: string, name: string) => ({
  id,
  name,
  permissions: '0',
  position: 1,
  color: 0,
  colors: { primary_color: 0 },
  hoist: false,
  managed: false,
  mentionable: false,
  flags: 0,
});
const member = {
  user,
  roles: ['301'],
  joined_at: '2020-04-26T06:26:56.936000+00:00',
  deaf: false,
  mute: false,
  flags: 0,
};

/** What Discord's gateway sends, in the shapes of its documentation and of recorded sessions. */
const payloads = {
  guild: {
    id: guildId,
    name: 'Discord Developers',
    unavailable: false,
    roles: [role(guildId, '@everyone'), role('301', 'Member'), role('302', 'Moderator'), role('303', 'Veteran')],
    channels: [channel],
    members: [member, { ...member, user: bot }],
    threads: [],
    presences: [],
    voice_states: [],
    emojis: [],
    features: [],
    stage_instances: [],
    guild_scheduled_events: [],
    member_count: 2,
    joined_at: '2015-04-26T06:26:56.936000+00:00',
  },
  message: {
    id: '1461691455897600000',
    channel_id: channel.id,
    guild_id: guildId,
    author: user,
    member,
    content: 'a text that is nobody else’s business',
    timestamp: '2026-01-16T12:00:00.000000+00:00',
    edited_timestamp: null,
    tts: false,
    mention_everyone: false,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    pinned: false,
    type: 0,
  },
  typing: { channel_id: channel.id, guild_id: guildId, user_id: user.id, member, timestamp: now / 1000 },
  presence: {
    user: { id: user.id },
    guild_id: guildId,
    status: 'online',
    activities: [],
    client_status: { desktop: 'online', mobile: 'idle' },
  },
  join: {
    guild_id: guildId,
    ...member,
    user: { ...user, id: '175928847299117063', username: 'newcomer' },
    roles: [],
    joined_at: '2026-01-16T12:00:00.000000+00:00',
  },
  roles: { guild_id: guildId, user, roles: ['302', '303'], joined_at: member.joined_at, nick: null },
};

/** A client of discord.js that gets its gateway's payloads from the test. */
async function bench() {
  const client = await discordClient();
  onTestFinished(() => client.destroy());
  const heard: GuildActivity[] = [];
  const logger = new RecordingLogger();
  hear(client, { clock: new ManualClock(now), logger, publish: (event) => heard.push(event) });
  // Both are discord.js's own business, which its types keep to itself.
  const gateway = client.ws as unknown as { status: number; handlePacket(packet: object, shard: object): boolean };
  gateway.status = 0;
  const receive = (t: string, d: object) =>
    gateway.handlePacket({ op: 0, s: 1, t, d }, { id: 0, status: 0, checkReady() {} });
  receive('GUILD_CREATE', payloads.guild);
  return { receive, heard, logger };
}

const who = { userId: user.id, username: 'nelly', timestamp: new Date(now).toISOString() };

describe('what Discord’s gateway sends, through discord.js', () => {
  it('MESSAGE_CREATE is a message, without its text', async () => {
    const { receive, heard } = await bench();
    receive('MESSAGE_CREATE', payloads.message);
    expect(heard).toEqual([
      { guildId, activity: { type: 'message', ...who, channelId: channel.id, channelName: 'general' } },
    ]);
  });

  it('TYPING_START is typing', async () => {
    const { receive, heard } = await bench();
    receive('TYPING_START', payloads.typing);
    expect(heard).toEqual([
      { guildId, activity: { type: 'typing', ...who, channelId: channel.id, channelName: 'general' } },
    ]);
  });

  it('PRESENCE_UPDATE is a presence, with the clients somebody is connected by', async () => {
    const { receive, heard } = await bench();
    receive('PRESENCE_UPDATE', payloads.presence);
    const clientStatus = { desktop: 'online', mobile: 'idle' };
    expect(heard).toEqual([{ guildId, activity: { type: 'presence', ...who, status: 'online', clientStatus } }]);
  });

  it('GUILD_MEMBER_ADD is a join, with the age of the account', async () => {
    const { receive, heard } = await bench();
    receive('GUILD_MEMBER_ADD', payloads.join);
    expect(heard).toEqual([
      {
        guildId,
        activity: {
          type: 'join',
          ...who,
          userId: '175928847299117063',
          username: 'newcomer',
          accountCreatedAt: '2016-04-30T11:18:25.796Z',
        },
      },
    ]);
  });

  it('GUILD_MEMBER_UPDATE is a change of roles, by their names, and nothing where none differs', async () => {
    const { receive, heard } = await bench();
    receive('GUILD_MEMBER_UPDATE', payloads.roles);
    receive('GUILD_MEMBER_UPDATE', { ...payloads.roles, nick: 'Nel' });
    expect(heard).toEqual([
      { guildId, activity: { type: 'roles', ...who, addedRoles: ['Moderator', 'Veteran'], removedRoles: ['Member'] } },
    ]);
  });

  it('is nothing where a bot did it, or outside of a guild', async () => {
    const { receive, heard } = await bench();
    receive('MESSAGE_CREATE', { ...payloads.message, author: bot, member: { ...member, user: bot } });
    receive('TYPING_START', { ...payloads.typing, user_id: bot.id, member: { ...member, user: bot } });
    receive('PRESENCE_UPDATE', { ...payloads.presence, user: { id: bot.id } });
    const { guild_id: _, member: __, ...direct } = payloads.message;
    receive('MESSAGE_CREATE', { ...direct, channel_id: '1' });
    expect(heard).toEqual([]);
  });

  it('is all of it accepted as the publish API would', async () => {
    const { receive, heard } = await bench();
    receive('MESSAGE_CREATE', payloads.message);
    receive('TYPING_START', payloads.typing);
    receive('PRESENCE_UPDATE', payloads.presence);
    receive('GUILD_MEMBER_ADD', payloads.join);
    receive('GUILD_MEMBER_UPDATE', payloads.roles);
    expect(heard).toHaveLength(5);
    for (const event of heard) expect(parsePublishEvent(event)).toEqual({ ok: true, value: event });
  });
});

describe('a bot', () => {
  /** Clients of discord.js that log in nowhere. */
  function bots(outcomes: (Error | undefined)[]) {
    const clock = new ManualClock(now);
    const logger = new RecordingLogger();
    const ended: number[] = [];
    let begun = 0;
    const client = async () => {
      const one = await discordClient();
      const number = ++begun;
      one.login = async () => {
        const outcome = outcomes[number - 1];
        if (outcome !== undefined) throw outcome;
        return 'in';
      };
      one.destroy = async () => void ended.push(number);
      return one;
    };
    const source = discordSource({ token: 'a-bot-token', clock, logger, publish: () => {}, client });
    return { source, clock, logger, ended, begun: () => begun };
  }

  it('that can not log in tries again, ever more slowly', async () => {
    const { source, clock, logger, ended, begun } = bots([...Array(9).fill(new Error('no network'))]);
    await source.start();
    const waits: number[] = [];
    for (let attempt = 2; attempt <= 10; attempt++) {
      const before = clock.now();
      await eventually(async () => {
        await clock.advance(1000);
        return begun() === attempt;
      });
      waits.push(clock.now() - before);
    }
    expect(waits.map((ms) => ms / 1000)).toEqual([5, 10, 20, 40, 80, 160, 320, 640, 900]);
    expect(ended).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(logger.lines.filter(({ message }) => message === 'the Discord bot could not log in')).toHaveLength(9);
    expect(logger.text).not.toContain('a-bot-token');
    await eventually(() => logger.text.includes('the Discord bot is connected'));
    await source.stop();
    expect([ended.at(-1), clock.pending]).toEqual([10, 0]);
  });

  it('that is stopped while it begins does not log in', async () => {
    const { source, logger, begun } = bots([]);
    const starting = source.start();
    await source.stop();
    await starting;
    expect([begun(), logger.lines]).toEqual([1, []]);
  });

  it('that is stopped while it waits tries no more', async () => {
    const { source, clock, begun } = bots([new Error('no network')]);
    await source.start();
    await source.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(10_000);
    expect(begun()).toBe(1);
  });
});

describe('what is not known of somebody', () => {
  const guild = { id: '1' };
  const roles = { cache: [] as { name: string }[] };

  it('is left out', () => {
    const at = new Date(5).toISOString();
    expect(presenceOf({ guild, userId: '7', user: null, status: 'invisible', clientStatus: null }, 5)).toEqual({
      guildId: '1',
      activity: { type: 'presence', userId: '7', username: '', timestamp: at, status: 'offline', clientStatus: {} },
    });
    expect(joinOf({ guild, user: { id: '7', username: null }, joinedTimestamp: null, roles }, 5)?.activity).toEqual({
      type: 'join',
      userId: '7',
      username: '',
      timestamp: at,
    });
    const message = { guildId: '1', author: { id: '7' }, channel: { id: '70', name: null }, createdTimestamp: 5 };
    expect(messageOf(message)?.activity).toMatchObject({ channelId: '70' });
    expect(messageOf(message)?.activity).not.toHaveProperty('channelName');
    expect(messageOf({ ...message, guildId: null })).toBeUndefined();
    expect(typingOf({ guild: null, user: { id: '7' }, channel: { id: '70' }, startedTimestamp: 5 })).toBeUndefined();
  });

  it('of roles before is no change', () => {
    const before = { guild, user: { id: '7' }, roles, partial: true };
    const after = { guild, user: { id: '7' }, roles: { cache: [{ name: 'A' }] } };
    expect(rolesOf(before, after, 5)).toBeUndefined();
    expect(rolesOf({ ...before, partial: false }, after, 5)?.activity).toMatchObject({
      addedRoles: ['A'],
      removedRoles: [],
    });
  });
});
