import { eventually } from '@roomcast/testing';
import { afterEach } from 'vitest';
import {
  type ClientError,
  type ConnectionChange,
  createVmaxClient,
  type ServerMessage,
  type VmaxClient,
  type VmaxClientOptions,
} from '../../src/index.js';
import { VmaxServer } from './vmax-server.js';

const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

export async function startServer(): Promise<VmaxServer> {
  const server = await VmaxServer.start();
  open.push(() => server.close());
  return server;
}

export interface Observed {
  client: VmaxClient;
  errors: ClientError[];
  changes: ConnectionChange[];
  messages: ServerMessage[];
  /** Waits until the connection was open so many times, and is. */
  opened(count: number): Promise<boolean>;
}

/** A client that hurries, and what it told. */
export function connect(url: string, options: Partial<VmaxClientOptions> = {}): Observed {
  const token = options.login || url.includes('token=') ? {} : { token: () => 'good-token' };
  const client = createVmaxClient({ url, baseMs: 4, capMs: 16, ...token, ...options });
  open.push(() => client.disconnect());
  const observed: Observed = {
    client,
    errors: [],
    changes: [],
    messages: [],
    opened: (count) =>
      eventually(() => {
        const times = observed.changes.filter(({ state }) => state === 'open').length;
        return times >= count && client.state === 'open';
      }, `connection number ${count}`),
  };
  client.on('error', (error) => observed.errors.push(error));
  client.on('connection', (change) => observed.changes.push(change));
  client.on('all', (message) => observed.messages.push(message));
  return observed;
}
