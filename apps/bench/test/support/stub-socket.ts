import { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A socket that takes everything at once and counts the writes that would have gone to the kernel. */
export class StubSocket extends Duplex {
  writes = 0;
  bytes = 0;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes++;
    this.bytes += chunk.length;
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.writes++;
    for (const { chunk } of chunks) this.bytes += chunk.length;
    done();
  }

  /** Forgets the handshake. */
  reset(): void {
    this.writes = 0;
    this.bytes = 0;
  }
}

/** The request of a client that opens a WebSocket at `path`. */
export function upgradeRequest(socket: StubSocket, path: string): IncomingMessage {
  const request = new IncomingMessage(socket as unknown as Socket);
  request.method = 'GET';
  request.url = path;
  request.headers = {
    host: 'localhost',
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  return request;
}
