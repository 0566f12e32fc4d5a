import { createVmaxClient } from '@roomcast/vmax-client';
import { patience } from '../../connection/client.js';
import { tellPhase } from '../../connection/core-phases.js';
import { EventFeed } from '../../live/event-feed.js';
import { Pulse } from '../../live/pulse.js';
import type { Desk } from '../../services/desk.js';
import { Board } from './board.js';
import { tell } from './feed-entry.js';
import type { VmaxModel } from './model.js';
import { templates } from './templates.js';
import { VmaxView } from './view.js';

export function createDesk(): Desk {
  const model: VmaxModel = {
    board: new Board(),
    feed: new EventFeed(),
    pulse: new Pulse(),
    client: undefined,
    connected: undefined,
  };
  return {
    templates,
    View: ({ line }) => <VmaxView line={line} model={model} />,
    reset: () => {
      model.board.clear();
      model.feed.clear();
      model.connected = undefined;
    },
    open: ({ url, token, WebSocket }, hooks) => {
      const client = createVmaxClient({ url, token, WebSocket, ...patience });
      model.client = client;
      client.on('connection', tellPhase(hooks));
      client.on('error', (error) => hooks.error(error));
      client.on('missed', () => {
        model.feed.add(new Date().toISOString(), 'missed', 'bad', 'Events were lost between servers');
      });
      client.on('CONNECTED', (connected) => {
        model.connected = connected;
      });
      client.on('all', (message) => {
        model.board.apply(message);
        tell(model.feed, message);
        if (message.type.endsWith('ED')) model.pulse.changed();
      });
      hooks.phase('connecting');
      return { close: () => client.disconnect() };
    },
  };
}
