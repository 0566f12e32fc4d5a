import type { AddressInfo } from 'node:net';
import { serverNamed } from './servers/index.js';
import { watchLoop } from './servers/loop.js';
import type { ServerOptions } from './servers/options.js';

/**
 * Usage: node --expose-gc server.js NAME OPTIONS, where OPTIONS is JSON or a port. Prints `ready PORT` when it listens;
 * SIGUSR2 collects garbage. The yardstick can run these servers too.
 */
const [name = '', argument = '0'] = process.argv.slice(2);
const options: ServerOptions = argument.startsWith('{') ? JSON.parse(argument) : { port: Number(argument) };

/** Enough for thousands that connect at once. */
const backlog = 4096;

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
});
process.on('disconnect', () => process.exit(0));

const start = await serverNamed(name);
const server = await start(options);
if (options.watchLoop === true) {
  const hold = watchLoop(server);
  process.on('message', () => process.send?.(hold()));
}
server.on('error', (error: NodeJS.ErrnoException) => {
  console.log(error.code === 'EADDRINUSE' ? `port ${options.port} is in use` : error.message);
  process.exit(1);
});
server.listen(options.port, '127.0.0.1', backlog, () => console.log(`ready ${(server.address() as AddressInfo).port}`));
