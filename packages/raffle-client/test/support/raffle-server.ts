import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SubscriptionRequest } from '@roomcast/raffle-protocol';
import { eventually, type Listening, listen } from '@roomcast/testing';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Received {
  readonly message_type: string;
  readonly data: {
    readonly token?: string;
    readonly subscriptions?: SubscriptionRequest[];
    readonly notify_missed?: boolean;
  };
}

/** One connection, as the server sees it. */
export class Session {
  readonly received: Received[] = [];
  closedWith: number | undefined;

  constructor(readonly socket: WebSocket) {
    socket.on('close', (code) => {
      this.closedWith = code;
    });
  }

  /** The types of what came, in order. */
  get types(): readonly string[] {
    return this.received.map(({ message_type }) => message_type);
  }

  /** The lists that came, in order. */
  get lists(): readonly SubscriptionRequest[][] {
    return this.received.flatMap(({ data }) => (data.subscriptions ? [data.subscriptions] : []));
  }

  get tokens(): readonly (string | undefined)[] {
    return this.received.filter(({ message_type }) => message_type === 'auth').map(({ data }) => data.token);
  }

  push(message_type: string, data: unknown, timestamp = '2024-01-15T10:30:00Z'): void {
    this.sendFrame(JSON.stringify({ message_type, data, timestamp }));
  }

  sendFrame(frame: string | Buffer): void {
    this.socket.send(frame);
  }
}

/** Just enough of a raffle server: keeps what comes, answers pings, refuses tokens as a test says. */
export class RaffleServer {
  /** The HTTP status an upgrade gets. */
  refuseWith: number | undefined;
  /** The reason to close a connection that authenticates with this token. */
  refuseToken: (token: string) => string | undefined = () => undefined;
  answersPings = true;
  readonly sessions: Session[] = [];
  readonly urls: string[] = [];

  private constructor(private readonly listening: Listening) {}

  static async start(): Promise<RaffleServer> {
    const http = createServer();
    const server = new RaffleServer(await listen(http));
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const { refuseWith } = server;
      server.urls.push(String(request.url));
      if (refuseWith) socket.end(`HTTP/1.1 ${refuseWith} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      else sockets.handleUpgrade(request, socket, head, (webSocket) => server.#accept(webSocket));
    });
    return server;
  }

  get url(): string {
    return `${this.listening.ws}/ws`;
  }

  /** The latest connection. */
  get session(): Session {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('nobody is connected');
    return session;
  }

  get live(): readonly Session[] {
    return this.sessions.filter(({ socket }) => socket.readyState === socket.OPEN);
  }

  /** Waits for the `count`th connection, and for its first messages. */
  async connection(count: number, ...types: string[]): Promise<Session> {
    return eventually(
      () => {
        const session = this.sessions[count - 1];
        return session && types.every((type) => session.types.includes(type)) ? session : undefined;
      },
      `connection ${count} with ${types.join(', ')}`,
    );
  }

  async close(): Promise<void> {
    for (const { socket } of this.sessions) socket.terminate();
    await this.listening.close();
  }

  #accept(socket: WebSocket): void {
    const session = new Session(socket);
    this.sessions.push(session);
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const received = JSON.parse(String(data)) as Received;
      session.received.push(received);
      const refusal = received.message_type === 'auth' && this.refuseToken(String(received.data.token));
      if (refusal) socket.close(4401, refusal);
      else if (received.message_type === 'ping' && this.answersPings && socket.readyState === socket.OPEN) {
        session.push('pong', { timestamp: 1705314600 });
      }
    });
  }
}
