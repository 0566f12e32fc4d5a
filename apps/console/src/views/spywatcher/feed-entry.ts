import type { GuildEvent } from '@roomcast/spywatcher-client';
import type { EventFeed } from '../../live/event-feed.js';

/** What happened in a guild, in words. */
export function tell(feed: EventFeed, { event, data }: GuildEvent): void {
  const { username, timestamp } = data;
  switch (event) {
    case 'message:new':
      feed.add(timestamp, 'message', 'plain', `${username} wrote in #${data.channelName}`);
      break;
    case 'alert:multiClient':
      feed.add(timestamp, 'alert', 'bad', `${username} is on ${data.platforms.join(', ')} at once`);
      break;
    case 'presence:update':
      feed.add(timestamp, 'presence', 'info', `${username} is ${data.status}`);
      break;
    case 'role:change':
      feed.add(timestamp, 'role', 'warn', `${username} got ${data.addedRoles.join(', ') || 'no new role'}`);
      break;
    case 'user:join':
      feed.add(timestamp, 'join', 'good', `${username} came; the account is ${data.accountAgeDays} days old`);
      break;
  }
}
