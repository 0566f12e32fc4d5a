import type { WebSocketLike } from '@roomcast/client-core';
import type { Direction } from './frame-log.js';

/** How a connection ends that nobody closed. */
const abnormalClosure = 1006;

type Handler = ((event: never) => void) | null;

export interface SocketWatcher {
  frame(direction: Direction, data: unknown): void;
  /** Nothing more comes of this socket. */
  ended(): void;
}

/** A WebSocket as the clients use it, which begins when it is told to and can be severed. */
export class TappedSocket implements WebSocketLike {
  onopen: Handler = null;
  onmessage: Handler = null;
  onerror: Handler = null;
  onclose: Handler = null;

  #socket: WebSocket | undefined;
  #binaryType: BinaryType = 'blob';
  /** `over`: nothing more comes of it, or goes. */
  #state: 'held' | 'begun' | 'over' = 'held';

  constructor(
    private readonly open: () => WebSocket,
    private readonly watcher: SocketWatcher,
  ) {}

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? 0;
  }

  get binaryType(): string {
    return this.#binaryType;
  }

  set binaryType(type: string) {
    this.#binaryType = type as BinaryType;
    if (this.#socket) this.#socket.binaryType = this.#binaryType;
  }

  /** Connects, once. */
  begin(): void {
    if (this.#state !== 'held') return;
    this.#state = 'begun';
    const socket = this.open();
    this.#socket = socket;
    socket.binaryType = this.#binaryType;
    socket.onopen = (event) => {
      if (this.#state === 'over') return;
      this.watcher.frame('note', 'is open');
      call(this.onopen, event);
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (this.#state === 'over') return;
      this.watcher.frame('in', event.data);
      call(this.onmessage, event);
    };
    socket.onerror = (event) => {
      if (this.#state !== 'over') call(this.onerror, event);
    };
    socket.onclose = (event) => this.#over(event, `is closed: ${event.code}${event.reason && ` ${event.reason}`}`);
  }

  send(data: string): void {
    this.watcher.frame('out', data);
    this.#socket?.send(data);
  }

  close(code?: number, reason?: string): void {
    if (this.#state === 'begun') this.#socket?.close(code, reason);
    if (this.#state !== 'held') return;
    this.#state = 'over';
    // Told later, as a real one does.
    queueMicrotask(() => this.#tellEnd({ code: abnormalClosure, reason: '' }, 'is given up'));
  }

  /** To the client it looks like a network that failed. */
  sever(): void {
    if (this.#state !== 'begun') return;
    this.#socket?.close();
    this.#over({ code: abnormalClosure, reason: '' }, 'is gone');
  }

  #over(event: Pick<CloseEvent, 'code' | 'reason'>, note: string): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#tellEnd(event, note);
  }

  #tellEnd(event: Pick<CloseEvent, 'code' | 'reason'>, note: string): void {
    this.watcher.frame('note', note);
    this.watcher.ended();
    call(this.onclose, event);
  }
}

/** Only the handlers' owner knows what they take: what a real socket would have given them. */
function call(handler: Handler, event: object): void {
  handler?.(event as never);
}
