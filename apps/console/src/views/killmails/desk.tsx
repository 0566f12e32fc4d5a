import { type ConnectionState, createKillmailsClient } from '@roomcast/killmails-client';
import { type Phase, patience } from '../../connection/client.js';
import type { Desk } from '../../services/desk.js';
import { Kills } from './kills.js';
import type { KillmailsModel } from './model.js';
import { popularSystems } from './systems.js';
import { templates } from './templates.js';
import { KillmailsView } from './view.js';

const phases: Readonly<Record<ConnectionState, Exclude<Phase, 'cut'>>> = {
  connecting: 'connecting',
  joining: 'connecting',
  live: 'open',
  waiting: 'waiting',
  closed: 'off',
};

export function createDesk(): Desk {
  const model: KillmailsModel = { kills: new Kills(), systems: popularSystems, client: undefined };
  return {
    templates,
    View: ({ line }) => <KillmailsView line={line} model={model} />,
    reset: () => model.kills.clear(),
    open: ({ url, token, WebSocket }, hooks) => {
      const client = createKillmailsClient({
        url,
        token: () => token(),
        systems: model.systems,
        // Only what is new: a list that fills by itself is of no use after each cut.
        preload: { limitPerSystem: 10, sinceHours: 1 },
        WebSocket,
        ...patience,
      });
      model.client = client;
      client.on('connection', ({ state, retryInMs }) => hooks.phase(phases[state], retryInMs));
      client.on('error', (error) => hooks.error(error));
      client.on('killmail', (event) => model.kills.add(event));
      client.on('kill_count_update', ({ system_id, count }) => model.kills.setCount(system_id, count));
      hooks.phase('connecting');
      return { close: () => client.close() };
    },
  };
}
