import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { eventually, type Listening, listen } from '@roomcast/testing';
import { type WebSocket, WebSocketServer } from 'ws';

export type Reply = { status: 'ok' | 'error'; response: unknown } | 'silence';

export type Refusal = number | 'hang' | undefined;

export interface Received {
  event: string;
  payload: Record<string, unknown>;
}

/** One connection, as the server sees it. */
export class Session {
  joinRef: string | null = null;
  closedWith: number | undefined;

  constructor(readonly socket: WebSocket) {
    socket.on('close', (code) => {
      this.closedWith = code;
    });
  }

  /** Sends an event on the channel. */
  push(event: string, payload: unknown): void {
    this.sendFrame([null, null, 'killmails:lobby', event, payload]);
  }

  /** Ends the channel as Phoenix does: both refs are the join's. */
  endChannel(event: 'phx_error' | 'phx_close'): void {
    this.sendFrame([this.joinRef, this.joinRef, 'killmails:lobby', event, {}]);
  }

  sendFrame(frame: unknown): void {
    this.socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame));
  }
}

const joined = (payload: Record<string, unknown>): Reply => ({
  status: 'ok',
  response: { subscription_id: 'a-b-c', subscribed_systems: payload.systems, status: 'connected' },
});

/** Just enough of a Phoenix server, V2 frames only, whose every answer a test can choose. */
export class PhoenixServer {
  /** What an upgrade gets: an HTTP status, `'hang'` for no answer, undefined to be accepted. */
  refuse: Refusal | ((url: URL) => Refusal);
  /** Answers what is not overridden as a real server would. */
  answer: (received: Received, session: Session) => Reply | undefined = () => undefined;
  answersHeartbeats = true;

  readonly upgrades: URL[] = [];
  readonly sessions: Session[] = [];
  readonly received: Received[] = [];
  readonly #hanging: Duplex[] = [];

  private constructor(private readonly listening: Listening) {}

  static async start(): Promise<PhoenixServer> {
    const http = createServer();
    const server = new PhoenixServer(await listen(http));
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const url = new URL(request.url ?? '/', 'ws://localhost');
      server.upgrades.push(url);
      const refusal = typeof server.refuse === 'function' ? server.refuse(url) : server.refuse;
      if (refusal === 'hang') server.#hanging.push(socket);
      else if (refusal) socket.end(`HTTP/1.1 ${refusal} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      else sockets.handleUpgrade(request, socket, head, (webSocket) => server.#accept(webSocket));
    });
    return server;
  }

  get url(): string {
    return this.listening.ws;
  }

  get tokens(): (string | null)[] {
    return this.upgrades.map(({ searchParams }) => searchParams.get('token'));
  }

  /** The payloads of one event, in order. */
  payloads(event: string): Record<string, unknown>[] {
    return this.received.filter((one) => one.event === event).map(({ payload }) => payload);
  }

  /** The latest connection. */
  get session(): Session {
    const session = this.sessions.at(-1);
    if (!session) throw new Error('nobody is connected');
    return session;
  }

  /** Waits for the `count`th payload of an event. */
  async payload(event: string, count = 1): Promise<Record<string, unknown>> {
    return eventually(() => this.payloads(event)[count - 1], `${event} number ${count}`);
  }

  async close(): Promise<void> {
    for (const { socket } of this.sessions) socket.terminate();
    for (const socket of this.#hanging) socket.destroy();
    await this.listening.close();
  }

  #accept(socket: WebSocket): void {
    const session = new Session(socket);
    this.sessions.push(session);
    socket.on('message', (data) => this.#message(session, JSON.parse(String(data))));
  }

  #message(
    session: Session,
    [joinRef, ref, topic, event, payload]: [string, string, string, string, Received['payload']],
  ): void {
    if (topic === 'phoenix') {
      if (this.answersHeartbeats) session.sendFrame([null, ref, topic, 'phx_reply', { status: 'ok', response: {} }]);
      return;
    }
    if (event === 'phx_join') session.joinRef = joinRef;
    this.received.push({ event, payload });
    const reply = this.answer({ event, payload }, session) ?? usual(event, payload);
    if (reply !== 'silence') session.sendFrame([joinRef, ref, topic, 'phx_reply', reply]);
  }
}

function usual(event: string, payload: Record<string, unknown>): Reply {
  if (event === 'phx_join') return joined(payload);
  if (event === 'get_status') {
    return {
      status: 'ok',
      response: { subscription_id: 'a-b-c', subscribed_systems: [], connected_at: null, user_id: 'u' },
    };
  }
  return { status: 'ok', response: {} };
}
