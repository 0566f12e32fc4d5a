import type { Killmail } from '@roomcast/killmails-protocol';
import { afterEach, vi } from 'vitest';
import {
  type ClientError,
  type ConnectionChange,
  createKillmailsClient,
  type KillmailsClient,
  type KillmailsClientOptions,
} from '../../src/index.js';
import { PhoenixServer } from './phoenix-server.js';

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const one of open.splice(0).reverse()) await one.close();
});

export async function startServer(): Promise<PhoenixServer> {
  const server = await PhoenixServer.start();
  open.push(server);
  return server;
}

export interface Observed {
  client: KillmailsClient;
  errors: ClientError[];
  changes: ConnectionChange[];
  kills: Killmail[];
}

/** A client that hurries, and what it told. */
export function connect(url: string, options: Partial<KillmailsClientOptions> = {}): Observed {
  const client = createKillmailsClient({ url, baseMs: 4, capMs: 16, ...options });
  open.push(client);
  const observed: Observed = { client, errors: [], changes: [], kills: [] };
  client.on('error', (error) => observed.errors.push(error));
  client.on('connection', (change) => observed.changes.push(change));
  client.on('killmail', ({ killmail }) => observed.kills.push(killmail));
  return observed;
}

/** An update with one kill per id, under the document's names. */
export function update(system: number, ...killmailIds: number[]) {
  return {
    system_id: system,
    killmails: killmailIds.map((killmail_id) => ({
      killmail_id,
      killmail_time: '2024-01-15T12:30:45Z',
      solar_system_id: system,
      victim: { character_id: 123456, ship_type_id: 587, ship_type_name: 'Rifter' },
      attackers: [],
    })),
    timestamp: '2024-01-15T12:30:45.123Z',
    preload: false,
  };
}
