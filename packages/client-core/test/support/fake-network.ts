import { ManualClock } from '@roomcast/testing';
import type { Clock, SocketOpener, WebSocketLike } from '../../src/index.js';

/** A WebSocket whose other end is the test. */
export class FakeSocket implements WebSocketLike {
  state: 'connecting' | 'open' | 'closing' | 'closed' = 'connecting';
  readonly sent: string[] = [];
  bufferedAmount = 0;
  binaryType = 'blob';
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  closedWith: number | undefined;

  constructor(
    readonly url: string,
    private readonly network: FakeNetwork,
  ) {}

  get isLive(): boolean {
    return this.state === 'connecting' || this.state === 'open';
  }

  get listeners(): number {
    return [this.onopen, this.onmessage, this.onerror, this.onclose].filter((one) => one !== null).length;
  }

  send(text: string): void {
    if (this.state !== 'open') return;
    this.sent.push(text);
    this.network.onSent(text, this);
  }

  close(code?: number): void {
    if (!this.isLive) return;
    this.closedWith = code;
    const wasConnecting = this.state === 'connecting';
    this.state = 'closing';
    if (wasConnecting) queueMicrotask(() => this.fail());
    else if (this.network.agreesToClose) queueMicrotask(() => this.end(1000));
  }

  terminate(): void {
    if (this.state === 'closed') return;
    this.state = 'closing';
    queueMicrotask(() => this.fail());
  }

  open(): void {
    if (this.state !== 'connecting') return;
    this.state = 'open';
    this.onopen?.({} as never);
  }

  message(data: unknown): void {
    if (this.state === 'open' || this.state === 'closing') this.onmessage?.({ data } as never);
  }

  fail(): void {
    if (this.state === 'closed') return;
    this.onerror?.({ error: new Error('connect ECONNREFUSED') } as never);
    this.end(1006);
  }

  end(code: number, reason = ''): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.onclose?.({ code, reason } as never);
  }
}

/** Where fake sockets connect: the server's side of all of them. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];
  agreesToClose = true;
  onSent: (text: string, socket: FakeSocket) => void = () => {};

  readonly open: SocketOpener = ({ url }) => {
    const socket = new FakeSocket(url, this);
    this.sockets.push(socket);
    return { socket, refusalStatus: () => undefined };
  };

  get live(): readonly FakeSocket[] {
    return this.sockets.filter(({ isLive }) => isLive);
  }

  /** The latest. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('nobody has connected');
    return socket;
  }
}

/** Time that a test moves by hand, and that can pass, or be set back, without any timer noticing. */
export class SleepyClock implements Clock {
  readonly timers = new ManualClock();
  #slept = 0;

  now(): number {
    return this.timers.now() + this.#slept;
  }

  after(ms: number, task: () => void): () => void {
    return this.timers.after(ms, task);
  }

  advance(ms: number): Promise<void> {
    return this.timers.advance(ms);
  }

  /** @param ms less than 0: somebody set the clock back */
  sleep(ms: number): void {
    this.#slept += ms;
  }
}
