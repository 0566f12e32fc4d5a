import { isWelcome, type ServerMessage } from '@roomcast/falcon-client';
import type { EventFeed } from '../../live/event-feed.js';

/** What is not said in a room, in words. What only answers this client's own requests is left to the frames. */
export function tell(feed: EventFeed, message: ServerMessage, nameOf: (userId: string) => string): void {
  const { type, data, timestamp } = message;
  switch (type) {
    case 'notification':
      feed.add(timestamp, 'for you', 'good', wordsOf(data));
      break;
    case 'system_notification':
      if (isWelcome(message)) feed.add(timestamp, 'welcome', 'good', `Connected as ${nameOf(message.data.user_id)}`);
      else feed.add(timestamp, 'to all', 'info', wordsOf(data));
      break;
    case 'presence':
      feed.add(timestamp, 'presence', 'plain', `${nameOf(data.userId)} is ${data.status}`);
      break;
    case 'room_joined':
      feed.add(timestamp, 'room', 'plain', `${data.room_id} joined, ${data.member_count ?? '?'} here now`);
      break;
    case 'room_left':
      feed.add(timestamp, 'room', 'plain', `${data.room_id} left, ${data.member_count ?? '?'} here now`);
      break;
    case 'user_profile_update':
      feed.add(timestamp, 'profile', 'plain', `The profile of ${nameOf(data.user_id)} changed`);
      break;
    case 'group_membership_change': {
      const what = data.joined ? 'joined' : 'left';
      feed.add(timestamp, 'group', 'warn', `${nameOf(data.user_id)} ${what} ${data.group_name ?? data.group_id}`);
      break;
    }
    case 'error':
      feed.add(timestamp, 'error', 'bad', data.message);
      break;
    case 'system':
      if (data.action === 'missed') feed.add(timestamp, 'missed', 'bad', 'Events were lost between servers');
      break;
  }
}

function wordsOf(data: Readonly<Record<string, unknown>> | { readonly message?: string | undefined }): string {
  const { title, message } = data as Readonly<Record<string, unknown>>;
  const words = [title, message].filter((word) => typeof word === 'string');
  return words.length > 0 ? words.join(': ') : JSON.stringify(data);
}
