import { createServer, type Server, type Socket } from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');
const answer = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n');

/** Takes webhooks: counts requests by their lengths, and answers each with 204. */
export class HookReceiver {
  /** Told of each request, with the socket it came on. */
  onRequest: (socket: Socket) => void = () => {};
  readonly #server: Server;

  constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => this.#receive(socket));
  }

  /** Resolves to its port. */
  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', 4096, () => {
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
    });
  }

  #receive(socket: Socket): void {
    let left = 0;
    let head: Buffer | null = null;
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      let bytes = head === null ? chunk : Buffer.concat([head, chunk]);
      head = null;
      while (bytes.length > 0) {
        if (left === 0) {
          const end = bytes.indexOf(endOfHead);
          if (end < 0) {
            head = bytes;
            return;
          }
          left = Number(/content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1] ?? 0);
          bytes = bytes.subarray(end + endOfHead.length);
        }
        const taken = Math.min(left, bytes.length);
        bytes = bytes.subarray(taken);
        left -= taken;
        if (left > 0) return;
        socket.write(answer);
        this.onRequest(socket);
      }
    });
  }
}
