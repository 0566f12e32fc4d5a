import { readFileSync } from 'node:fs';
import type { MessageType } from '../../src/index.js';

/** JSON of the document. */
export function fixture<Value>(name: string): Value {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as Value;
}

/** One good `data` of each type, as a server sends it and as it may be published. */
export const samples: Readonly<Record<MessageType, unknown>> = {
  message: { text: 'Hello!', sender: 'User' },
  custom_event: ['anything', { at: [1, null] }],
  notification: { title: 'Mail', message: 'You have mail' },
  presence: { userId: 'u-1', status: 'away', metadata: { ship: 'Rifter' } },
  system: { action: 'maintenance' },
  heartbeat: { timestamp: '2024-01-01T12:00:00.000Z' },
  room_update: { action: 'room_announcement', title: 'Soon' },
  room_joined: { connection_id: 'c-1', room_id: 'group:g', member_count: 2 },
  room_left: { connection_id: 'c-1', room_id: 'group:g', member_count: 1 },
  error: { message: 'no', code: 'unavailable' },
  user_profile_update: { user_id: 'u-1', character_id: 5, profile: { character_name: 'N' } },
  group_membership_change: { user_id: 'u-1', group_id: 'g', group_name: 'G', joined: false },
  system_notification: { message: 'Hello', severity: 'info' },
};
