import type { Template } from '../../services/desk.js';

const people = ['nightowl', 'quietcat', 'typist', 'roamer', 'archivist'];
const channels = ['general', 'raids', 'memes', 'trade', 'help'];
const at = (list: readonly string[], index: number) => list[index % list.length] ?? '';
const who = (index: number) => {
  const username = at(people, index);
  return { userId: `console-${username}`, username, timestamp: new Date().toISOString() };
};

/** @param guildId the guild on the screen */
export function templatesFor(guildId: () => string): readonly Template[] {
  const activity = (index: number, rest: object) => ({ guildId: guildId(), activity: { ...rest, ...who(index) } });
  return [
    {
      name: 'Somebody writes a message',
      make: (index) => {
        const channelName = at(channels, index * 3);
        return activity(index, { type: 'message', channelId: `channel-${channelName}`, channelName });
      },
    },
    {
      name: 'Somebody types and says nothing: a ghost',
      make: (index) => activity(index, { type: 'typing', channelId: 'channel-general', channelName: 'general' }),
    },
    {
      name: 'Somebody is online on two devices',
      make: (index) =>
        activity(index, { type: 'presence', status: 'online', clientStatus: { desktop: 'online', mobile: 'idle' } }),
    },
    {
      name: 'Somebody joins the guild',
      make: (index) => activity(index, { type: 'join', accountCreatedAt: '2025-01-01T00:00:00Z' }),
    },
    {
      name: 'Somebody gets a role',
      make: (index) => activity(index, { type: 'roles', addedRoles: ['Moderator'], removedRoles: [] }),
    },
  ];
}
