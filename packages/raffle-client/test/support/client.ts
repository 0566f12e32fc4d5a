import type { EventData } from '@roomcast/raffle-protocol';
import { afterEach } from 'vitest';
import {
  type ClientError,
  type ConnectionChange,
  createRaffleClient,
  type RaffleClient,
  type RaffleClientOptions,
  type ReceivedEvent,
} from '../../src/index.js';
import { RaffleServer } from './raffle-server.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

export async function startServer(): Promise<RaffleServer> {
  const server = await RaffleServer.start();
  open.push(server);
  return server;
}

export interface Observed {
  client: RaffleClient;
  errors: ClientError[];
  changes: ConnectionChange[];
  events: ReceivedEvent[];
}

/** A client that hurries, and what it told. */
export function connect(url: string, options: Partial<RaffleClientOptions> = {}): Observed {
  const client = createRaffleClient({ url, baseMs: 4, capMs: 16, ...options });
  open.push(client);
  const observed: Observed = { client, errors: [], changes: [], events: [] };
  client.on('error', (error) => observed.errors.push(error));
  client.on('connection', (change) => observed.changes.push(change));
  client.on('event', (event) => observed.events.push(event));
  return observed;
}

/** A purchase, with the document's names. */
export function box(raffleId: string, number: number, userId = 'u-1'): EventData['box_purchased'] {
  return {
    raffle_id: raffleId,
    user_id: userId,
    box_number: number,
    boxes_remaining: 100 - number,
    completion_percentage: number,
    purchased_at: '2024-01-15T10:35:00Z',
  };
}

/** A filter as it goes over the wire. */
export function whole(filter: Record<string, string>) {
  return { event_type: 'all', raffle_id: null, item_id: null, user_id: null, room: null, ...filter };
}
