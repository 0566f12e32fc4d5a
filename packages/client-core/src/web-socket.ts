/** What is used of a WebSocket: a browser's, `ws`'s and most others fit. */
export interface WebSocketLike {
  readonly bufferedAmount: number;
  binaryType: string;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  /** Ends the connection without a closing handshake, where the platform can. */
  terminate?(): void;
}

/** Only in Node, and only when there are headers, are more than the URL passed. */
export type WebSocketConstructor = new (
  url: string,
  protocols?: string[],
  options?: { headers: Record<string, string> },
) => WebSocketLike;

/** Where an attempt connects. */
export interface Target {
  /** May hold a token in its query: it is shown nowhere beyond its path. */
  readonly url: string;
  /** For the handshake. Browsers send their own and ignore these. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** A WebSocket that connects. */
export interface OpeningSocket {
  readonly socket: WebSocketLike;
  /** The HTTP status of the refusal, where the platform tells it. */
  refusalStatus(): number | undefined;
}

export type SocketOpener = (target: Target) => OpeningSocket;

/** For a constructor that the application brings. */
export function openerOf(WebSocket: WebSocketConstructor): SocketOpener {
  return ({ url, headers }) => ({
    socket: headers ? new WebSocket(url, [], { headers: { ...headers } }) : new WebSocket(url),
    refusalStatus: () => undefined,
  });
}
