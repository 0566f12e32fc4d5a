import { createRaffleClient } from '@roomcast/raffle-client';
import { patience } from '../../connection/client.js';
import { tellPhase } from '../../connection/core-phases.js';
import { EventFeed } from '../../live/event-feed.js';
import type { Desk } from '../../services/desk.js';
import { tell } from './feed-entry.js';
import { Market } from './market.js';
import type { RaffleModel } from './model.js';
import { templates } from './templates.js';
import { RaffleView } from './view.js';

export function createDesk(): Desk {
  const model: RaffleModel = { market: new Market(), feed: new EventFeed() };
  return {
    templates,
    View: ({ line }) => <RaffleView line={line} model={model} />,
    reset: () => {
      model.market.clear();
      model.feed.clear();
    },
    open: ({ url, token, WebSocket }, hooks) => {
      const client = createRaffleClient({ url, token, WebSocket, ...patience });
      client.on('connection', tellPhase(hooks));
      client.on('error', (error) => hooks.error(error));
      client.on('missed', () => {
        model.feed.add(new Date().toISOString(), 'missed', 'bad', 'Events were lost between servers');
      });
      client.on('event', (event) => {
        model.market.apply(event);
        tell(model.feed, event);
      });
      client.setSubscriptions([{ event_type: 'all' }]);
      hooks.phase('connecting');
      return { close: () => client.close() };
    },
  };
}
