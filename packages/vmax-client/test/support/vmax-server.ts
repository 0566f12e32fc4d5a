import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { eventually, type Listening, listen } from '@roomcast/testing';
import { type WebSocket, WebSocketServer } from 'ws';

export interface Received {
  type: string;
  payload?: { channel?: string; fleetId?: string; regulatorId?: string };
}

interface HttpRequest {
  path: string;
  body: unknown;
}

/** What a server does when somebody connects, or sends something. */
export type OnConnect = (session: Session) => void;
export type OnMessage = (message: Received, session: Session) => void;
export type OnHttp = (request: HttpRequest) => { status: number; body: unknown } | 'hang';

/** One connection, as the server sees it. */
export class Session {
  readonly received: Received[] = [];
  closedWith: number | undefined;

  constructor(
    readonly socket: WebSocket,
    readonly token: string | null,
  ) {
    socket.on('close', (code) => {
      this.closedWith = code;
    });
  }

  send(type: string, payload?: unknown): void {
    this.sendText(JSON.stringify({ type, payload, timestamp: '2026-01-16T12:00:00.000Z' }));
  }

  sendText(text: string | Buffer): void {
    this.socket.send(text);
  }

  /** Says what is wrong, and closes. */
  turnAway(code: 4001 | 4002): void {
    this.send('ERROR', { message: code === 4001 ? 'Authentication required' : 'Invalid or expired token' });
    this.socket.close(code, code === 4001 ? 'Authentication required' : 'Invalid token');
  }

  /** What was asked, as `SUBSCRIBE fleet:a`. */
  get asked(): string[] {
    return this.received
      .filter(({ type }) => type !== 'PING')
      .map(({ type, payload }) => `${type} ${payload?.channel}:${payload?.fleetId ?? payload?.regulatorId}`);
  }
}

export function welcomes(subscriptions: string[] = []): OnConnect {
  return (session) => session.send('CONNECTED', { clientId: 'c-1', userId: 'u-1', role: 'FLEET_MGR', subscriptions });
}

export const staysSilent: OnConnect = () => {};

export function turnsAway(code: 4001 | 4002): OnConnect {
  return (session) => session.turnAway(code);
}

/** Lets in whoever brings this token. */
export function accepts(token: string): OnConnect {
  return (session) => (session.token === token ? welcomes()(session) : session.turnAway(4002));
}

/** As the document says. */
export const answers: OnMessage = ({ type, payload }, session) => {
  if (type === 'PING') session.send('PONG');
  if (type === 'SUBSCRIBE') session.send('SUBSCRIBED', payload);
  if (type === 'UNSUBSCRIBE') session.send('UNSUBSCRIBED', payload);
};

/** Forbids channels with these ids. */
export function forbids(...ids: string[]): OnMessage {
  return (message, session) => {
    const { channel, fleetId, regulatorId } = message.payload ?? {};
    const isForbidden = message.type === 'SUBSCRIBE' && ids.includes(String(fleetId ?? regulatorId));
    if (isForbidden) session.send('ERROR', { message: `Not authorized to subscribe to this ${channel}` });
    else answers(message, session);
  };
}

export const ignores: OnMessage = ({ type }, session) => {
  if (type === 'PING') session.send('PONG');
};

export function granted(accessToken: string, refreshToken: string, expiresIn = 900) {
  const user = {
    id: 'u-1',
    email: 'manager@example.com',
    role: 'FLEET_MGR',
    fleetId: null,
    firstName: 'Mary',
    lastName: 'Smith',
  };
  const meta = { timestamp: '2026-01-16T12:00:00.000Z', requestId: 'r-1' };
  return { status: 200, body: { data: { accessToken, refreshToken, tokenType: 'Bearer', expiresIn, user }, meta } };
}

export function denied(status: number, code: string, message: string) {
  return { status, body: { error: { code, message }, meta: { timestamp: '', requestId: '' } } };
}

/** A VMAX server whose every answer a test can choose. */
export class VmaxServer {
  /** The HTTP status that upgrades are refused with; `'hang'`: they get no answer. */
  refuseWith: number | 'hang' | undefined;
  onConnect: OnConnect = welcomes();
  onMessage: OnMessage = answers;
  onHttp: OnHttp = () => denied(404, 'NOT_FOUND', 'Nothing here');
  readonly sessions: Session[] = [];
  readonly upgrades: URL[] = [];
  readonly requests: HttpRequest[] = [];
  /** Requests that hung until the client ended them. */
  givenUp = 0;

  private constructor(private readonly listening: Listening) {}

  static async start(): Promise<VmaxServer> {
    const http = createServer((request, response) => void server.#answer(request, response));
    const server = new VmaxServer(await listen(http));
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      const url = new URL(request.url ?? '/', 'ws://localhost');
      server.upgrades.push(url);
      const { refuseWith } = server;
      if (refuseWith === 'hang') return;
      if (refuseWith) socket.end(`HTTP/1.1 ${refuseWith} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      else sockets.handleUpgrade(request, socket, head, (webSocket) => server.#accept(webSocket, url));
    });
    return server;
  }

  get url(): string {
    return this.listening.ws;
  }

  get httpUrl(): string {
    return this.listening.http;
  }

  /** The latest connection. */
  get session(): Session {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('nobody is connected');
    return session;
  }

  get tokens(): (string | null)[] {
    return this.upgrades.map(({ searchParams }) => searchParams.get('token'));
  }

  /** Waits until the latest connection was asked for so many subscriptions. */
  asked(count: number): Promise<string[]> {
    return eventually(() => (this.session.asked.length >= count ? this.session.asked : undefined));
  }

  async close(): Promise<void> {
    for (const { socket } of this.sessions) socket.terminate();
    await this.listening.close();
  }

  #accept(socket: WebSocket, url: URL): void {
    const session = new Session(socket, url.searchParams.get('token'));
    this.sessions.push(session);
    socket.on('message', (data) => {
      const message: Received = JSON.parse(String(data));
      session.received.push(message);
      this.onMessage(message, session);
    });
    this.onConnect(session);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const received = { path: String(request.url), body: text === '' ? undefined : JSON.parse(text) };
    this.requests.push(received);
    const answer = this.onHttp(received);
    if (answer === 'hang') {
      response.on('close', () => {
        this.givenUp += 1;
      });
      return;
    }
    const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(body);
  }
}
