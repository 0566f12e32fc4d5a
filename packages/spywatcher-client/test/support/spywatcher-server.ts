import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { eventually, type Listening, listen } from '@roomcast/testing';
import { Server, type Socket } from 'socket.io';

/** One connection, as the server sees it. */
export class Session {
  /** What came, in order, as `subscribe:guild g-1`. */
  readonly received: string[] = [];
  endedBy: string | undefined;

  constructor(readonly socket: Socket) {
    socket.on('disconnect', (reason) => {
      this.endedBy = reason;
    });
  }

  get token(): unknown {
    return this.socket.handshake.auth.token;
  }

  /** Whether it asks to be told when events were lost. */
  get asksForMissed(): boolean {
    return this.socket.handshake.query.notify_missed === 'true';
  }

  get transport(): string {
    return this.socket.conn.transport.name;
  }

  push(event: string, ...data: unknown[]): void {
    this.socket.emit(event, ...data);
  }

  /** As the connection of somebody breaks off whose network is gone. */
  cut(): void {
    this.socket.conn.close();
  }
}

/** How an HTTP request is refused. */
export interface Refusal {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Just enough of a server on the official Socket.IO. It lets everybody in, answers nothing, and refuses as a test says. */
export class SpywatcherServer {
  /** The message of the `connect_error` that this token gets. */
  refuseToken: (token: unknown) => string | undefined = () => undefined;
  refuseRequest: (request: IncomingMessage) => Refusal | undefined = () => undefined;
  /** What a subscription is answered, `nothing` as the original does. */
  answer: (event: string, guildId: string) => unknown = () => nothing;
  readonly sessions: Session[] = [];
  readonly tokens: unknown[] = [];
  /** The requests for new connections, by their transport. */
  readonly attempts: string[] = [];

  private constructor(
    private readonly listening: Listening,
    readonly io: Server,
  ) {}

  static async start(path = '/socket.io'): Promise<SpywatcherServer> {
    const http = createServer();
    const io = new Server(http, { path, serveClient: false, pingInterval: 25_000, pingTimeout: 60_000 });
    const server = new SpywatcherServer(await listen(http), io);
    server.#guard(http);
    io.use((socket, next) => {
      const { token } = socket.handshake.auth;
      server.tokens.push(token);
      const refusal = server.refuseToken(token);
      next(refusal === undefined ? undefined : new Error(refusal));
    });
    io.on('connection', (socket) => server.#accept(socket));
    return server;
  }

  get url(): string {
    return this.listening.http;
  }

  /** The latest connection. */
  get session(): Session {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('nobody is connected');
    return session;
  }

  get live(): readonly Session[] {
    return this.sessions.filter(({ endedBy }) => endedBy === undefined);
  }

  /** Waits for the `count`th connection, and for what it has to send first. */
  async connection(count: number, ...received: string[]): Promise<Session> {
    return eventually(
      () => {
        const session = this.sessions[count - 1];
        return session && received.every((one) => session.received.includes(one)) ? session : undefined;
      },
      `connection ${count} with ${received.join(', ')}`,
    );
  }

  async close(): Promise<void> {
    this.io.disconnectSockets(true);
    this.io.engine.close();
    await this.listening.close();
  }

  #accept(socket: Socket): void {
    const session = new Session(socket);
    this.sessions.push(session);
    socket.onAny((event: string, guildId: string, acknowledge: unknown) => {
      session.received.push(`${event} ${guildId}`);
      const answer = this.answer(event, guildId);
      if (answer !== nothing && typeof acknowledge === 'function') acknowledge(answer);
    });
  }

  /** Looks at requests before Socket.IO does. */
  #guard(http: ReturnType<typeof createServer>): void {
    for (const event of ['request', 'upgrade'] as const) {
      const listeners = http.listeners(event) as ((...args: unknown[]) => void)[];
      http.removeAllListeners(event);
      http.on(event, (request: IncomingMessage, answer: ServerResponse | Duplex, head: unknown) => {
        const { searchParams } = new URL(String(request.url), 'http://localhost');
        if (!searchParams.has('sid')) this.attempts.push(String(searchParams.get('transport')));
        const refusal = this.refuseRequest(request);
        if (refusal) refuse(refusal, answer);
        else for (const listener of listeners) listener(request, answer, head);
      });
    }
  }
}

export const nothing = Symbol('no answer');

function refuse({ status, headers = {}, body = '' }: Refusal, answer: ServerResponse | Duplex): void {
  if ('writeHead' in answer) {
    answer.writeHead(status, headers).end(body);
    return;
  }
  // Whoever is refused may be gone already.
  answer.on('error', () => {});
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': body.length });
  answer.end(`HTTP/1.1 ${status} Refused\r\n${lines.map((line) => `${line.join(': ')}\r\n`).join('')}\r\n${body}`);
}
