import { connect, type Socket } from 'node:net';

const endOfHead = '\r\n\r\n';

/** Posts on one connection that is kept open, one request at a time, and looks at the status only. */
export class HttpClient {
  readonly #socket: Socket;
  #received = '';
  #answered: (status: number) => void = () => {};

  constructor(
    port: number,
    readonly path: string,
    readonly token: string,
  ) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      this.#read();
    });
  }

  /** Resolves to the status of the answer. */
  post(json: string): Promise<number> {
    const answer = new Promise<number>((resolve, reject) => {
      this.#answered = resolve;
      this.#socket.once('error', reject);
    });
    this.#socket.write(
      `POST ${this.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${this.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}${endOfHead}${json}`,
    );
    return answer.finally(() => this.#socket.removeAllListeners('error'));
  }

  #read(): void {
    const end = this.#received.indexOf(endOfHead);
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const chunked = /^transfer-encoding: *chunked/im.test(head);
    const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    const body = this.#received.slice(end + endOfHead.length);
    if (chunked ? !body.endsWith(`0${endOfHead}`) : body.length < length) return;
    this.#received = '';
    this.#answered(Number(head.slice(9, 12)));
  }
}
