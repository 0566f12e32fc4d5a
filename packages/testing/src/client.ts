import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { patienceMs } from './eventually.js';

export interface TestClientClose {
  code: number;
  reason: string;
}

/** A plain WebSocket client that keeps what it receives until the test asks for it. */
export class TestClient {
  readonly socket: WebSocket;
  readonly #received: (string | Buffer)[] = [];
  readonly #waiting: ((message: string | Buffer) => void)[] = [];
  readonly #closed: Promise<TestClientClose>;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? (data as Buffer) : String(data);
      const waiting = this.#waiting.shift();
      if (waiting) waiting(message);
      else this.#received.push(message);
    });
    socket.on('error', () => {});
    this.#closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  /** Sends a text as it is, bytes as a binary message, and anything else as JSON. */
  send(message: unknown): void {
    this.socket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** The next message, in order. */
  next(): Promise<string | Buffer> {
    const message = this.#received.shift();
    if (message !== undefined) return Promise.resolve(message);
    return bounded(new Promise((resolve) => this.#waiting.push(resolve)), 'a message');
  }

  /** The next message, parsed as JSON. */
  async nextJson<Value = unknown>(): Promise<Value> {
    return JSON.parse(String(await this.next())) as Value;
  }

  /** What has come and was not asked for yet. */
  get received(): readonly (string | Buffer)[] {
    return this.#received;
  }

  waitForClose(): Promise<TestClientClose> {
    return bounded(this.#closed, 'the close');
  }

  async close(code = 1000): Promise<TestClientClose> {
    this.socket.close(code);
    return this.waitForClose();
  }
}

/** A client whose handshake is done. Rejects with `UpgradeRefused` where the server answers with an HTTP status. */
export function openClient(
  url: string,
  { protocols, ...options }: ClientOptions & { protocols?: string[] } = {},
): Promise<TestClient> {
  const socket = new WebSocket(url, protocols ?? [], options);
  const client = new TestClient(socket);
  return bounded(
    new Promise<TestClient>((resolve, reject) => {
      socket.on('open', () => resolve(client));
      socket.on('unexpected-response', (_request, response) => void refused(response).then(reject, reject));
      socket.on('error', reject);
    }),
    'the handshake',
  );
}

/** The HTTP answer to a refused upgrade. */
export class UpgradeRefused extends Error {
  override name = 'UpgradeRefused';

  constructor(
    readonly status: number,
    readonly body: string,
    readonly headers: IncomingMessage['headers'],
  ) {
    super(`the upgrade was refused with HTTP ${status}`);
  }
}

async function refused(response: IncomingMessage): Promise<UpgradeRefused> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return new UpgradeRefused(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headers);
}

function bounded<Value>(promise: Promise<Value>, what: string): Promise<Value> {
  let timer: NodeJS.Timeout;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${patienceMs} ms`)), patienceMs);
  });
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}
