import { createServer, type Socket, connect as tcpConnect } from 'node:net';
import { type Listening, listen } from '@roomcast/testing';

/** What the line between client and server does. */
export type Fault = 'none' | 'silence' | { delayMs: number };

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** A TCP proxy that spoils connections: bytes pass as they are until a test says otherwise. */
export class FaultProxy {
  /** Holds for every connection, also those that are open already. */
  fault: Fault = 'none';
  connections = 0;
  readonly #pairs = new Set<Pair>();

  private constructor(
    private readonly targetPort: number,
    private readonly listening: () => Listening,
  ) {}

  static async start(targetPort: number): Promise<FaultProxy> {
    const server = createServer((client) => proxy.#accept(client));
    // The kit asks for an HTTP server's way to end what is idle; a TCP server has none.
    const listening = await listen(Object.assign(server, { closeAllConnections: () => {} }) as never);
    const proxy: FaultProxy = new FaultProxy(targetPort, () => listening);
    return proxy;
  }

  get url(): string {
    return this.listening().ws;
  }

  /** Ends every connection as a reset does. */
  cut(): void {
    for (const { client, server } of this.#pairs) {
      client.resetAndDestroy();
      server.resetAndDestroy();
    }
  }

  /** Sends clients bytes that no server sent. */
  inject(bytes: Uint8Array): void {
    for (const { client } of this.#pairs) client.write(bytes);
  }

  /** The beginning of a frame, and then the end of the connection. */
  endWithinFrame(): void {
    // A final text frame of 4096 bytes, of which 3 come.
    for (const { client } of this.#pairs) client.end(Buffer.from([0x81, 126, 0x10, 0x00, 0x61, 0x62, 0x63]));
  }

  async close(): Promise<void> {
    this.cut();
    await this.listening().close();
  }

  #accept(client: Socket): void {
    this.connections += 1;
    const server = tcpConnect(this.targetPort, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    this.#pipe(client, server);
    this.#pipe(server, client);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    client.on('close', end).on('error', end);
    server.on('close', end).on('error', end);
  }

  #pipe(from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      if (this.fault === 'silence') return;
      if (this.fault === 'none') to.write(bytes);
      else setTimeout(() => to.writable && to.write(bytes), this.fault.delayMs);
    });
  }
}
