import { createFalconClient, type FalconClient, type RoomHold } from '@roomcast/falcon-client';
import { patience } from '../../connection/client.js';
import { tellPhase } from '../../connection/core-phases.js';
import { EventFeed } from '../../live/event-feed.js';
import type { Desk } from '../../services/desk.js';
import { setTokenCookie } from './cookie.js';
import { tell } from './feed-entry.js';
import { Hall } from './hall.js';
import { templates } from './templates.js';
import { FalconView } from './view.js';

/** Everything the view shows. */
export interface FalconModel {
  readonly hall: Hall;
  readonly feed: EventFeed;
  /** Rooms to be in, with each client anew. */
  readonly wanted: Map<string, RoomHold | undefined>;
  /** Names by user id, as far as they are known. */
  names: ReadonlyMap<string, string>;
  client: FalconClient | undefined;
}

const firstRoom = 'thread:welcome';

export function createDesk(): Desk {
  const model: FalconModel = {
    hall: new Hall(),
    feed: new EventFeed(),
    wanted: new Map([[firstRoom, undefined]]),
    names: new Map(),
    client: undefined,
  };
  const nameOf = (userId: string) => model.names.get(userId) ?? userId.slice(0, 8);
  return {
    templates,
    View: ({ line }) => <FalconView line={line} model={model} />,
    reset: () => {
      model.hall.clear();
      model.feed.clear();
    },
    open: ({ url, token, isEntered, WebSocket }, hooks) => {
      const client = createFalconClient({
        url,
        WebSocket,
        token: async (request) => {
          const given = await token(request);
          const problem = setTokenCookie(isEntered ? given : '', url);
          if (problem !== undefined) hooks.error(new Error(problem));
          return given;
        },
        ...patience,
      });
      model.client = client;
      client.on('connection', tellPhase(hooks));
      client.on('error', (error) => hooks.error(error));
      client.on('rooms', model.hall.pulse.changed);
      client.on('presence', model.hall.pulse.changed);
      client.on('all', (message) => {
        model.hall.apply(message, client.connectionId);
        tell(model.feed, message, nameOf);
      });
      for (const room of model.wanted.keys()) join(model, room, hooks.error);
      hooks.phase('connecting');
      return { close: () => client.disconnect() };
    },
  };
}

/** Wants to be in a room, from now on and after every reconnection. */
export function join(model: FalconModel, room: string, onRefused: (error: Error) => void): void {
  const hold = model.client?.join(room);
  model.wanted.set(room, hold);
  hold?.joined.then(model.hall.pulse.changed, (error: Error) => {
    if (model.wanted.get(room) === hold) onRefused(error);
  });
  model.hall.pulse.changed();
}

export function leave(model: FalconModel, room: string): void {
  const hold = model.wanted.get(room);
  model.wanted.delete(room);
  hold?.leave();
  model.hall.pulse.changed();
}
