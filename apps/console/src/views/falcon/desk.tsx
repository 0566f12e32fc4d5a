import { createFalconClient } from '@roomcast/falcon-client';
import { patience } from '../../connection/client.js';
import { tellPhase } from '../../connection/core-phases.js';
import { EventFeed } from '../../live/event-feed.js';
import type { Desk } from '../../services/desk.js';
import { setTokenCookie } from './cookie.js';
import { tell } from './feed-entry.js';
import { Hall } from './hall.js';
import { type FalconModel, join } from './model.js';
import { templates } from './templates.js';
import { FalconView } from './view.js';

const firstRoom = 'thread:welcome';

export function createDesk(): Desk {
  const model: FalconModel = {
    hall: new Hall(),
    feed: new EventFeed(),
    wanted: new Map([[firstRoom, undefined]]),
    nameOf: () => undefined,
    client: undefined,
  };
  return {
    templates,
    View: ({ line }) => <FalconView line={line} model={model} />,
    reset: () => {
      model.hall.clear();
      model.feed.clear();
    },
    open: ({ url, token, isEntered, identities, WebSocket }, hooks) => {
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
      model.nameOf = (userId) => identities().find(({ id }) => id === userId)?.label;
      client.on('connection', tellPhase(hooks));
      client.on('error', (error) => hooks.error(error));
      client.on('rooms', model.hall.pulse.changed);
      client.on('presence', model.hall.pulse.changed);
      client.on('all', (message) => {
        model.hall.apply(message, client.connectionId);
        tell(model.feed, message, (userId) => model.nameOf(userId) ?? userId.slice(0, 8));
      });
      for (const room of model.wanted.keys()) join(model, room).catch(hooks.error);
      hooks.phase('connecting');
      return { close: () => client.disconnect() };
    },
  };
}
