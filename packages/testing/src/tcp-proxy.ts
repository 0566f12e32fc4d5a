import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a local port that a test can hold up or cut: what a partitioned network looks like from one side. */
export class TcpProxy {
  #isHeld = false;
  readonly #pairs = new Set<readonly [Socket, Socket]>();

  private constructor(
    readonly server: Server,
    readonly target: number,
  ) {}

  static async to(target: number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    server.on('connection', (socket) => proxy.#forward(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Connections that go through it. */
  get connections(): number {
    return this.#pairs.size;
  }

  /** Forwards nothing, in either direction; connections stay open and new ones are accepted. */
  hold(): void {
    this.#isHeld = true;
    for (const pair of this.#pairs) for (const socket of pair) socket.pause();
  }

  /** Forwards again, also what was sent meanwhile. */
  release(): void {
    this.#isHeld = false;
    for (const pair of this.#pairs) for (const socket of pair) socket.resume();
  }

  /** Ends every connection. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.cut();
    await closed;
  }

  #forward(near: Socket): void {
    const far = connect(this.target, '127.0.0.1');
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    const wire = (from: Socket, to: Socket) => {
      from.setNoDelay(true);
      from.on('data', (chunk) => {
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => {
        if (!this.#isHeld) from.resume();
      });
      from.on('error', () => {});
      from.on('close', () => {
        this.#pairs.delete(pair);
        to.destroy();
      });
    };
    wire(near, far);
    wire(far, near);
    if (this.#isHeld) for (const socket of pair) socket.pause();
  }
}
