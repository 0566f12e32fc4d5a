import { createServer, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ClientMessage, isAssigned, personalRoom } from '@roomcast/falcon-protocol';
import { eventually, type Listening, listen } from '@roomcast/testing';
import { type WebSocket, WebSocketServer } from 'ws';

export type Received = ClientMessage;

/** One connection, as the server sees it. */
export class Session {
  readonly received: Received[] = [];
  readonly rooms = new Set<string>();
  closedWith: number | undefined;

  constructor(
    readonly id: string,
    readonly socket: WebSocket,
    readonly headers: IncomingMessage['headers'],
    /** What stands behind the path, with its question mark. */
    readonly query: string,
  ) {
    socket.on('close', (code) => {
      this.closedWith = code;
    });
  }

  /** What came, without heartbeats and in few words: `join general`, `message general`. */
  get told(): readonly string[] {
    return this.received
      .filter(({ type }) => type !== 'heartbeat')
      .map((message) => {
        if (message.type === 'presence') return `presence ${message.data.status}`;
        if (message.type !== 'system') return `${message.type} ${(message as { room?: string }).room}`;
        const { action } = message.data;
        if ('room' in message.data) return `${action} ${message.data.room}`;
        return 'userIds' in message.data ? `${action} ${message.data.userIds.join(' ')}` : action;
      });
  }

  /** The data of the messages that came, in order. */
  get said(): readonly unknown[] {
    return this.received.flatMap((message) => (message.type === 'message' ? [message.data] : []));
  }

  push(type: string, data: unknown, envelope: object = {}): void {
    this.sendFrame(JSON.stringify({ type, data, timestamp: '2026-01-02T03:04:05.000Z', ...envelope }));
  }

  sendFrame(frame: string | Buffer): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(frame);
  }
}

/** Just enough of a falcon server: rooms that are entered unless a test says otherwise, echoes, presence. */
export class FalconServer {
  userId = 'ada';
  groups: readonly string[] = [];
  /** The HTTP status an upgrade gets. */
  refuseWith: (headers: IncomingMessage['headers']) => number | undefined = () => undefined;
  /** The code with which a message is refused. */
  refuse: (message: Received) => string | undefined = () => undefined;
  /** Whether a message is answered at all. */
  answers: (message: Received) => boolean = () => true;
  /** Whether what a connection is in is told to it, as the original does not. */
  tellsRooms = true;
  readonly sessions: Session[] = [];

  private constructor(private readonly listening: Listening) {}

  static async start(): Promise<FalconServer> {
    const http = createServer();
    const server = new FalconServer(await listen(http));
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const status = server.refuseWith(request.headers);
      if (status) socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      else sockets.handleUpgrade(request, socket, head, (webSocket) => server.#accept(webSocket, request));
    });
    return server;
  }

  get url(): string {
    return `${this.listening.ws}/websocket/connect`;
  }

  get port(): number {
    return this.listening.port;
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

  /** Waits for the `count`th connection, and for what it is told in few words. */
  async connection(count: number, ...told: string[]): Promise<Session> {
    return eventually(
      () => {
        const session = this.sessions[count - 1];
        return session && told.every((one) => session.told.includes(one)) ? session : undefined;
      },
      `connection ${count} with ${told.join(', ')}`,
    );
  }

  /** Tells every member of a room. */
  say(room: string, type: string, data: unknown, envelope: object = {}): void {
    for (const session of this.live) if (session.rooms.has(room)) session.push(type, data, { room, ...envelope });
  }

  enter(session: Session, room: string): void {
    session.rooms.add(room);
    if (this.tellsRooms)
      session.push('room_joined', { connection_id: session.id, room_id: room, member_count: 1 }, { room });
  }

  exit(session: Session, room: string): void {
    session.rooms.delete(room);
    session.push('room_left', { connection_id: session.id, room_id: room, member_count: 0 }, { room });
  }

  async close(): Promise<void> {
    for (const { socket } of this.sessions) socket.terminate();
    await this.listening.close();
  }

  #accept(socket: WebSocket, { headers, url = '' }: IncomingMessage): void {
    const { search } = new URL(url, 'http://localhost');
    const session = new Session(`connection-${this.sessions.length + 1}`, socket, headers, search);
    this.sessions.push(session);
    socket.on('error', () => {});
    socket.on('message', (data) => this.#receive(session, JSON.parse(String(data)) as Received));
    const { userId } = this;
    session.push('system_notification', {
      message: 'Connected to WebSocket',
      connection_id: session.id,
      user_id: userId,
    });
    this.enter(session, personalRoom(userId));
    for (const group of this.groups) this.enter(session, `group:${group}`);
  }

  #receive(session: Session, message: Received): void {
    session.received.push(message);
    if (!this.answers(message)) return;
    const { id } = message;
    const code = this.refuse(message);
    if (code !== undefined) {
      session.push('error', { message: `refused: ${code}`, code }, { id });
    } else if (message.type === 'heartbeat') {
      session.push('heartbeat', { timestamp: '2026-01-02T03:04:05.000Z' });
    } else if (message.type === 'message' || message.type === 'custom_event') {
      const { type, room = '', data } = message;
      if (session.rooms.has(room)) this.say(room, type, data, { from: session.id, id });
      else session.push('error', { message: 'you are not in this room', code: 'not_in_room' }, { id });
    } else if (message.type === 'presence') {
      for (const one of this.live) one.push('presence', message.data);
      session.push('system', { action: 'presence', ok: true }, { id });
    } else if (message.type === 'system') {
      this.#system(session, id, message.data);
    }
  }

  #system(session: Session, id: string | undefined, data: Extract<ClientMessage, { type: 'system' }>['data']): void {
    if ('room' in data) {
      if (isAssigned(data.room)) throw new Error(`nobody should ask for ${data.room}`);
      if (data.action === 'join') this.enter(session, data.room);
      else this.exit(session, data.room);
    } else if (data.action === 'subscribe_presence') {
      for (const userId of data.userIds) session.push('presence', { userId, status: 'online' });
    }
    session.push('system', { action: data.action, ok: true }, { id });
  }
}
