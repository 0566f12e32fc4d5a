import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type Listening, listen } from '@roomcast/testing';
import { type WebSocket, WebSocketServer } from 'ws';

/** A real server: answers `ping` with `pong`, keeps what else comes, and refuses upgrades where a test says so. */
export class EchoServer {
  refuseWith: number | undefined;
  readonly received: string[] = [];
  readonly sockets: WebSocket[] = [];
  readonly headers: IncomingHttpHeaders[] = [];

  private constructor(readonly listening: Listening) {}

  static async start(): Promise<EchoServer> {
    const http = createServer();
    const server = new EchoServer(await listen(http));
    const sockets = new WebSocketServer({ noServer: true });
    http.on('upgrade', (request, socket, head) => {
      server.headers.push(request.headers);
      const { refuseWith } = server;
      if (refuseWith) socket.end(`HTTP/1.1 ${refuseWith} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
      else sockets.handleUpgrade(request, socket, head, (webSocket) => server.#accept(webSocket));
    });
    return server;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await this.listening.close();
  }

  #accept(socket: WebSocket): void {
    this.sockets.push(socket);
    socket.on('error', () => {});
    socket.on('message', (data) => {
      const text = String(data);
      if (text === 'ping') socket.send('pong');
      else this.received.push(text);
    });
  }
}
