import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { clientFrame, FrameCounter, type Special } from '../src/loader/frames.js';

/** A frame as servers write it. */
function serverFrame(opcode: number, length: number): Buffer {
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, length])
      : length < 65_536
        ? Buffer.from([0x80 | opcode, 126, length >> 8, length & 255])
        : Buffer.concat([Buffer.from([0x80 | opcode, 127, 0, 0, 0, 0, 0]), threeBytes(length)]);
  return Buffer.concat([head, Buffer.alloc(length, 0x81)]);
}

function threeBytes(length: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(length, 0, 3);
  return bytes;
}

const kinds = { 8: 'close', 9: 'ping', 10: 'pong' } as const;

test('frames are counted however the bytes arrive', () => {
  const frame = fc.record({
    opcode: fc.constantFrom(1, 2, 8, 9, 10),
    length: fc.oneof(fc.nat(130), fc.constantFrom(0, 1, 125, 126, 65_535, 65_536, 70_000)),
  });
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 12 }),
      fc.array(fc.nat(400_000), { maxLength: 30 }),
      fc.nat(1),
      (frames, cuts, heartbeatBytes) => {
        const bytes = Buffer.concat(frames.map(({ opcode, length }) => serverFrame(opcode, length)));
        const counter = new FrameCounter(heartbeatBytes);
        const special: Special[] = [];
        let count = 0;
        let from = 0;
        for (const cut of [...cuts.filter((each) => each < bytes.length).sort((a, b) => a - b), bytes.length]) {
          // What follows the end is of somebody else's chunk.
          const chunk = Buffer.concat([bytes.subarray(from, cut), Buffer.from([0x81, 0x81, 0x00])]);
          count += counter.count(chunk, cut - from, (kind) => special.push(kind));
          from = cut;
        }
        const expected = frames.map(({ opcode, length }) =>
          opcode === 1 && length === 1 && heartbeatBytes === 1 ? 'heartbeat' : kinds[opcode as keyof typeof kinds],
        );
        expect(special).toEqual(expected.filter((kind) => kind !== undefined));
        expect(count).toBe(expected.filter((kind) => kind === undefined).length);
      },
    ),
  );
});

test('a chunk is not kept: its bytes may change once it was counted', () => {
  const counter = new FrameCounter();
  const frame = serverFrame(1, 300);
  const first = Buffer.from(frame.subarray(0, 3));
  expect(counter.count(first, first.length, () => {})).toBe(0);
  first.fill(0xff);
  expect(counter.count(frame.subarray(3), frame.length - 3, () => {})).toBe(1);
});

test.each([0, 5, 125, 126, 65_535, 65_536])('a client frame of %i bytes is one that ws reads', async (length) => {
  const text = 'é'.repeat(length >> 1) + 'x'.repeat(length & 1);
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(
    'GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [client] = await once(server, 'connection');
  socket.write(clientFrame(text));
  const [data] = await once(client, 'message');
  expect(String(data)).toBe(text);
  socket.destroy();
  server.close();
});
