import type { AnalyticsUpdate, MessageNew } from '@roomcast/spywatcher-protocol';
import { afterEach } from 'vitest';
import {
  type ClientError,
  type ConnectionChange,
  createSpywatcherClient,
  type ReceivedEvent,
  type SpywatcherClient,
  type SpywatcherClientOptions,
} from '../../src/index.js';
import { SpywatcherServer } from './spywatcher-server.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

export async function startServer(path?: string): Promise<SpywatcherServer> {
  const server = await SpywatcherServer.start(path);
  open.push(server);
  return server;
}

export interface Observed {
  client: SpywatcherClient;
  errors: ClientError[];
  changes: ConnectionChange[];
  events: ReceivedEvent[];
}

/** What a client tells, and its end after the test. */
export function observe(client: SpywatcherClient): Observed {
  open.push(client);
  const observed: Observed = { client, errors: [], changes: [], events: [] };
  client.on('error', (error) => observed.errors.push(error));
  client.on('connection', (change) => observed.changes.push(change));
  client.on('event', (event) => observed.events.push(event));
  return observed;
}

/** Options of a client that hurries. */
export const hurried = { reconnectionDelay: 4, reconnectionDelayMax: 16 };

/** A client that hurries, and what it told. */
export function connect(url: string, options: Partial<SpywatcherClientOptions> = {}): Observed {
  return observe(createSpywatcherClient({ url, token: 'good', ...hurried, ...options }));
}

const timestamp = '2026-01-01T12:00:00.000Z';

export function message(guildId: string | undefined, username = 'pim'): MessageNew {
  const data = { userId: 'u-1', username, channelId: 'c-1', channelName: 'general', timestamp };
  return guildId === undefined ? data : { guildId, ...data };
}

export function analytics(guildId: string, ghostScore = 1): AnalyticsUpdate {
  return {
    guildId,
    data: {
      ghosts: [{ userId: 'u-1', username: 'pim', ghostScore }],
      lurkers: [{ userId: 'u-2', username: 'puk', lurkerScore: 1, channelCount: 0 }],
      channelDiversity: [{ userId: 'u-1', username: 'pim', channelCount: 3 }],
      timestamp,
    },
    timestamp,
  };
}
