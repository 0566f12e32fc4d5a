import { roomTypes } from '@roomcast/falcon-protocol';
import * as z from 'zod';

const id = z.string().min(1).max(256);
const paging = { limit: z.coerce.number().int().min(1).max(1000).optional(), after: id.optional() };

/** The query of `GET /websocket/connections`. */
export const connectionsQuery = z.strictObject({
  user_id: id.optional(),
  character_id: z.coerce.number().int().min(1).optional(),
  room_id: id.optional(),
  ...paging,
});

/** The query of `GET /websocket/rooms`. */
export const roomsQuery = z.strictObject({
  type: z.enum(roomTypes).optional(),
  member_id: id.optional(),
  ...paging,
});
