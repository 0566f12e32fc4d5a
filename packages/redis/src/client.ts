import type { ConnectionOptions } from 'node:tls';
import { BusDownError } from '@roomcast/engine';
import { createClient } from 'redis';
import { explain } from './problems.js';
import type { Address, Target } from './url.js';

/** What a TLS connection takes beside the address: a certificate authority, a client's certificate. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>;

export interface ClientOptions {
  readonly address: Address;
  readonly target: Pick<Target, 'isTls' | 'username' | 'password' | 'database'>;
  readonly tls: TlsOptions | undefined;
  readonly timeoutMs: number;
  /** The connection can not be used any more. Not called for what `openClient` rejects with, nor after `destroy`. */
  lost(cause: Error): void;
}

function newClient({ address, target, tls }: ClientOptions) {
  const { username, password, database, isTls } = target;
  // Another connection takes the place of a lost one, so the client neither reconnects nor keeps commands for later.
  const socket = { ...address, reconnectStrategy: false as const };
  return createClient({
    socket: isTls ? { ...socket, ...tls, tls: true as const } : socket,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // A timer for every command costs more than the command; deadlines are kept by the bus.
    commandOptions: { timeout: undefined },
  });
}

export type Client = ReturnType<typeof newClient>;

/** A connected client, or a rejection within `timeoutMs` that says what is wrong. */
export async function openClient(options: ClientOptions): Promise<Client> {
  const { address, timeoutMs } = options;
  const where = `Redis at ${address.host}:${address.port}`;
  const client = newClient(options);
  let isOpen = false;
  let problem: Error | undefined;
  client.on('error', (error: Error) => {
    // The first says what is wrong, those that follow what came of it.
    problem ??= error;
    if (isOpen) options.lost(explain(where, error));
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const hint = options.target.isTls ? ' (does it speak TLS there?)' : '';
    // Without the time, which is another for each of several servers, and would be a new line in the log each time.
    timer = setTimeout(() => reject(new BusDownError(`${where} did not answer in time${hint}`)), timeoutMs);
  });
  try {
    await Promise.race([client.connect(), late]);
    isOpen = true;
    return client;
  } catch (error) {
    client.destroy();
    throw explain(where, problem ?? error);
  } finally {
    clearTimeout(timer);
  }
}
