import { turns } from '@roomcast/testing';
import { type ClientError, Connection, type ConnectionChange, type ConnectionOptions } from '../../src/index.js';
import { FakeNetwork, SleepyClock } from './fake-network.js';

export interface Harness {
  clock: SleepyClock;
  network: FakeNetwork;
  connection: Connection;
  changes: ConnectionChange[];
  messages: unknown[];
  errors: ClientError[];
  /** Connects and lets the handshake happen. */
  connect(): Promise<void>;
  /** Lets the next attempt begin, whatever its wait, and its handshake happen. */
  reconnect(): Promise<void>;
}

/** A connection over a fake network and time, and what it told. Waits are half of their ceiling. */
export function harness(options: Partial<ConnectionOptions> = {}): Harness {
  const clock = new SleepyClock();
  const network = new FakeNetwork();
  const told = { changes: [] as ConnectionChange[], messages: [] as unknown[], errors: [] as ClientError[] };
  const connection = new Connection(
    { open: network.open, target: () => ({ url: 'ws://server/path' }), clock, random: () => 0.5, ...options },
    {
      onChange: (change) => told.changes.push(change),
      onMessage: (data) => told.messages.push(data),
      onError: (error) => told.errors.push(error),
    },
  );
  const open = async () => {
    await turns(1);
    network.socket.open();
    await turns(1);
  };
  return {
    clock,
    network,
    connection,
    ...told,
    connect: () => {
      connection.connect();
      return open();
    },
    reconnect: async () => {
      await clock.advance(told.changes.at(-1)?.retryInMs ?? 0);
      await open();
    },
  };
}
