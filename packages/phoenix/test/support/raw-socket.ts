import { connect } from 'node:net';
import { patienceMs } from '@roomcast/testing';

/** A client's frame, masked with zeros so that its payload stays readable. */
export function maskedFrame(firstByte: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  const length =
    bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, (bytes.length >> 8) & 0xff, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([firstByte, ...length, 0, 0, 0, 0]), bytes]);
}

const closeFrame = maskedFrame(0x88, Buffer.from([0x03, 0xe8]));

export interface RawAnswer {
  head: string;
  /** What followed the head: the text of a refusal. */
  body: string;
  /** The same as hexadecimal digits: the frames after a handshake. */
  hex: string;
}

export interface Bytes {
  /** Goes out in the segment of the request itself. */
  withHead?: Buffer;
  /** Goes out once the handshake is done. */
  afterHead?: Buffer;
  /** When these bytes have come last, the client closes. */
  closeAfter?: Buffer;
}

/** Writes a request and then bytes; resolves when the connection has ended. */
export function exchange(
  port: number,
  request: string,
  { withHead = Buffer.alloc(0), afterHead = Buffer.alloc(0), closeAfter }: Bytes = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    let answered = false;
    const socket = connect(port, '127.0.0.1', () => socket.write(Buffer.concat([Buffer.from(request), withHead])));
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('the server did not end the connection')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (!answered && received.includes('\r\n\r\n')) {
        answered = true;
        if (received.subarray(9, 12).toString() === '101') socket.write(afterHead);
        else socket.end();
      }
      if (closeAfter !== undefined && received.subarray(-closeAfter.length).equals(closeAfter))
        socket.write(closeFrame);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const end = received.indexOf('\r\n\r\n') + 4;
      const rest = received.subarray(end);
      resolve({ head: received.subarray(0, end).toString(), body: rest.toString(), hex: rest.toString('hex') });
    });
  });
}

/** A valid upgrade request. */
export function upgradeRequest(path: string, headers: Record<string, string> = {}): string {
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: localhost:4004',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}
