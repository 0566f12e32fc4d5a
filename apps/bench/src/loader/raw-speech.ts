import type { Speech } from './speech.js';

/** A payload like those of the wires, such that an event has 256 bytes. */
const tail =
  '"data":{"raffle_id":"0b9a4a52-5f1e-4c1c-9d0a-5a3b7f0c1e11","user_id":"7d1c2f7e-93ab-4d5e-8a55-0c4fe2b1a002",' +
  '"box_number":25,"boxes_remaining":75,"completion_percentage":25.5,"purchased_at":"2024-01-15T10:35:00Z"}}';

/** The event of 256 bytes that the plain servers deliver, as JSON. */
export function plainEvent(n: number): string {
  return `{"message_type":"box_purchased","q":"${String(n).padStart(10, '0')}",${tail}`;
}

export function rawPublish(room: string, event: string): string {
  return `{"t":"pub","room":"${room}","e":${event}}`;
}

/** Rooms that one message joins: servers take no message of any size. */
const roomsPerJoin = 1000;

/** The yardstick's protocol: text JSON with `join`, `pub` and `ping`. */
export const rawSpeech: Speech = {
  memberPath: () => '/ws',
  join: (_member, rooms) =>
    Array.from({ length: Math.max(1, Math.ceil(rooms.length / roomsPerJoin)) }, (_, n) => ({
      send: JSON.stringify({ t: 'join', rooms: rooms.slice(n * roomsPerJoin, (n + 1) * roomsPerJoin) }),
      frames: 1,
    })),
  publisherPath: '/ws',
  publisherJoin: [{ send: '{"t":"join","rooms":[]}', frames: 1 }],
  publish: (room, n) => rawPublish(room, plainEvent(n)),
  ping: '{"t":"ping"}',
};
