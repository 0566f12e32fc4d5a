import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

export interface RawSocketOptions {
  port: number;
  path?: string;
  headers?: Record<string, string>;
  /** Sent in the same write as the upgrade request. */
  early?: Buffer;
}

/** A TCP connection that speaks as much HTTP and WebSocket as a test wants, and no more. */
export class RawSocket {
  readonly socket: Socket;
  /** Everything received, the HTTP answer included. */
  bytes: Buffer = Buffer.alloc(0);
  ended = false;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, chunk]);
    });
    this.socket.on('end', () => {
      this.ended = true;
    });
    this.socket.on('close', () => {
      this.ended = true;
    });
    this.socket.on('error', () => {});
    onTestFinished(() => void this.socket.destroy());
  }

  /** The HTTP status of the answer, once there is one. */
  get status(): number | undefined {
    const match = /^HTTP\/1\.1 (\d{3}) /.exec(this.bytes.toString('latin1', 0, 20));
    return match === null ? undefined : Number(match[1]);
  }

  /** What came after the HTTP answer's head. */
  get body(): Buffer {
    const end = this.bytes.indexOf('\r\n\r\n');
    return end === -1 ? Buffer.alloc(0) : this.bytes.subarray(end + 4);
  }

  /** The WebSocket frames that came, as opcode and payload. */
  get frames(): { opcode: number; payload: Buffer }[] {
    return parseFrames(this.body);
  }

  write(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  destroy(): void {
    this.socket.destroy();
  }
}

/** Connects and sends an upgrade request; the answer is for the test to wait for. */
export function rawSocket({ port, path = '/raw', headers = {}, early }: RawSocketOptions): RawSocket {
  const raw = new RawSocket(port);
  const head = upgradeRequest(path, headers);
  raw.write(early === undefined ? head : Buffer.concat([Buffer.from(head), early]));
  return raw;
}

/** A valid upgrade request; a header that is given replaces ours, an empty one leaves it out. */
export function upgradeRequest(path: string, headers: Record<string, string> = {}): string {
  const all: Record<string, string> = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [`${name}: ${value}`]));
  return `GET ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`;
}

/** A frame as a client sends it: masked. */
export function clientFrame(opcode: number, payload: Buffer | string, fin = true): Buffer {
  const data = Buffer.from(payload);
  const mask = randomBytes(4);
  const long = data.length > 65_535 ? 8 : data.length > 125 ? 2 : 0;
  const head = Buffer.alloc(2 + long);
  head[0] = (fin ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (long === 8 ? 127 : long === 2 ? 126 : data.length);
  if (long === 2) head.writeUInt16BE(data.length, 2);
  if (long === 8) head.writeBigUInt64BE(BigInt(data.length), 2);
  const masked = Buffer.from(data.map((byte, index) => byte ^ (mask[index % 4] as number)));
  return Buffer.concat([head, mask, masked]);
}

/** Reads whole unmasked frames from a server's bytes. */
function parseFrames(bytes: Buffer): { opcode: number; payload: Buffer }[] {
  const frames: { opcode: number; payload: Buffer }[] = [];
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = (bytes[at] as number) & 0x0f;
    let length = (bytes[at + 1] as number) & 0x7f;
    let start = at + 2;
    if (length === 126) {
      length = bytes.readUInt16BE(start);
      start += 2;
    } else if (length === 127) {
      length = Number(bytes.readBigUInt64BE(start));
      start += 8;
    }
    if (start + length > bytes.length) break;
    frames.push({ opcode, payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}
