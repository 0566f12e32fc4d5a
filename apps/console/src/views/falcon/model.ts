import type { FalconClient, RoomHold } from '@roomcast/falcon-client';
import type { EventFeed } from '../../live/event-feed.js';
import type { Hall } from './hall.js';

/** Everything the view shows. */
export interface FalconModel {
  readonly hall: Hall;
  readonly feed: EventFeed;
  /** Rooms to be in, with each client anew. */
  readonly wanted: Map<string, RoomHold | undefined>;
  /** The name of a user, where it is known. */
  nameOf(userId: string): string | undefined;
  client: FalconClient | undefined;
}

/** Wants to be in a room, from now on and after every reconnection. Rejects when the server refuses and it is still wanted. */
export async function join(model: FalconModel, room: string): Promise<void> {
  const hold = model.client?.join(room);
  model.wanted.set(room, hold);
  model.hall.pulse.changed();
  try {
    await hold?.joined;
  } catch (error) {
    if (model.wanted.get(room) === hold) throw error;
  }
  model.hall.pulse.changed();
}

export function leave(model: FalconModel, room: string): void {
  const hold = model.wanted.get(room);
  model.wanted.delete(room);
  hold?.leave();
  model.hall.pulse.changed();
}
