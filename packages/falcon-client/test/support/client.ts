import { eventually } from '@roomcast/testing';
import { afterEach } from 'vitest';
import {
  type ClientError,
  type ConnectionChange,
  createFalconClient,
  type FalconClient,
  type FalconClientOptions,
  type Gap,
  type ServerMessage,
} from '../../src/index.js';
import { FalconServer } from './falcon-server.js';

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

export async function startServer(): Promise<FalconServer> {
  const server = await FalconServer.start();
  open.push(() => server.close());
  return server;
}

export interface Observed {
  client: FalconClient;
  errors: ClientError[];
  changes: ConnectionChange[];
  messages: ServerMessage[];
  gaps: Gap[];
  /** Waits until the connection was open so many times, and is. */
  opened(count: number): Promise<boolean>;
}

/** A client that hurries, and what it told. */
export function connect(url: string, options: Partial<FalconClientOptions> = {}): Observed {
  const client = createFalconClient({ url, baseMs: 4, capMs: 16, ...options });
  open.push(() => client.disconnect());
  const observed: Observed = {
    client,
    errors: [],
    changes: [],
    messages: [],
    gaps: [],
    opened: (count) =>
      eventually(() => {
        const times = observed.changes.filter(({ state }) => state === 'open').length;
        return times >= count && client.state === 'open';
      }, `connection number ${count}`),
  };
  client.on('error', (error) => observed.errors.push(error));
  client.on('connection', (change) => observed.changes.push(change));
  client.on('all', (message) => observed.messages.push(message));
  client.on('gap', (gap) => observed.gaps.push(gap));
  return observed;
}

export const say = (room: string, text: string) => ({ type: 'message', room, data: { text } }) as const;
