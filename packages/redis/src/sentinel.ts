import { BusDownError } from '@roomcast/engine';
import { openClient } from './client.js';
import { type ConnectOptions, connectionOf, type RedisConnection, tryEach } from './connection.js';
import { Node } from './node.js';
import { explain } from './problems.js';
import type { Address } from './url.js';

/** The connection to the master that the sentinels name. It is lost when that one is the master no more. */
export function connectSentinel(options: ConnectOptions): Promise<RedisConnection> {
  const { target } = options;
  return tryEach(options, async (sentinel, left) => {
    // Half of what is left, so that a sentinel that does not answer leaves time for another one.
    const master = await askForMaster(options, sentinel, left() / 2);
    const node = await Node.open({ ...options, address: master, timeoutMs: left(), isSharded: false });
    const requireMaster = async () => {
      if (await node.isMaster()) return;
      throw new BusDownError(`${target.name}: ${master.host}:${master.port} is not the master (any more)`);
    };
    try {
      await requireMaster();
    } catch (error) {
      node.close();
      throw error;
    }
    return { ...connectionOf(node), ping: () => node.ping().then(requireMaster) };
  });
}

async function askForMaster(options: ConnectOptions, address: Address, timeoutMs: number): Promise<Address> {
  const { isTls, masterName, name } = options.target;
  const target = { isTls, username: options.sentinel?.username, password: options.sentinel?.password, database: 0 };
  const client = await openClient({ address, target, tls: options.tls, timeoutMs, lost: () => {} });
  try {
    const answer = await client.sendCommand(['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', masterName]);
    if (Array.isArray(answer)) return { host: String(answer[0]), port: Number(answer[1]) };
    throw new BusDownError(`${name}: the sentinels know no master called "${masterName}"`);
  } catch (error) {
    throw explain(`the sentinel at ${address.host}:${address.port}`, error);
  } finally {
    client.destroy();
  }
}
