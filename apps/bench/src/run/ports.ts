import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { sleep } from '../loader/wait.js';

/** A port that nobody listens at, for programs that can't choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Resolves to true once somebody listens at a port, and to false where nobody does in time. */
export async function isListenedAt(port: number, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while (performance.now() < end) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isThere) return true;
    await sleep(20);
  }
  return false;
}
