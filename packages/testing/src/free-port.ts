import { createServer } from 'node:net';

/**
 * A port that nothing listens on, below those the system gives to outgoing connections: a server that stops for a while
 * finds it free again, and nobody who tries to reach it meanwhile is connected to himself.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
