import type { AddressInfo, Server, Socket } from 'node:net';

export interface Listening {
  port: number;
  /** `http://127.0.0.1:PORT` */
  http: string;
  /** `ws://127.0.0.1:PORT` */
  ws: string;
  close(): Promise<void>;
}

/** Has a server listen on a free port of the loopback address. */
export async function listen(
  server: Pick<Server, 'listen' | 'address' | 'close' | 'on' | 'once'> & { closeAllConnections?(): void },
): Promise<Listening> {
  // Upgraded sockets are no longer the HTTP server's, and would keep `close` waiting.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    http: `http://127.0.0.1:${port}`,
    ws: `ws://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections?.();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
