import * as z from 'zod/mini';

const count = z.int().check(z.minimum(0));

/** What `GET /ws/stats` answers, for all instances together. */
export const connectionStats = z.looseObject({
  total_connections: count,
  authenticated_connections: count,
  /** How many connections have a subscription that names the room. */
  active_rooms: z.record(z.string(), count),
  /** Frames of events in the last hour, counted once for each connection they went to. */
  events_sent_last_hour: count,
});

export interface ConnectionStats {
  readonly total_connections: number;
  readonly authenticated_connections: number;
  readonly active_rooms: Readonly<Record<string, number>>;
  readonly events_sent_last_hour: number;
}
