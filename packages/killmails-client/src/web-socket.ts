/** What the client uses of a WebSocket: a browser's, `ws`'s and most others fit. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type WebSocketConstructor = new (url: string) => WebSocketLike;

/** A WebSocket that connects. */
export interface OpeningSocket {
  readonly socket: WebSocketLike;
  /** The HTTP status of the refusal, where the platform tells it. */
  refusalStatus(): number | undefined;
}
