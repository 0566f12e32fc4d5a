import type { WebSocketLike } from '@roomcast/client-core';
import { afterAll, beforeEach, expect, test, vi } from 'vitest';
import { FrameLog, maxTextLength } from '../../src/frames/frame-log.js';
import { framesAsText, prettyFrame } from '../../src/frames/frame-text.js';
import { masked } from '../../src/frames/masked.js';
import { Tap } from '../../src/frames/tap.js';

/** A platform's WebSocket that does what the test says. */
class FakeSocket {
  static all: FakeSocket[] = [];
  onopen?: (event: object) => void;
  onmessage?: (event: object) => void;
  onclose?: (event: object) => void;
  readonly sent: string[] = [];
  isClosed = false;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  send(data: string) {
    this.sent.push(data);
  }
  close() {
    this.isClosed = true;
  }
}

vi.stubGlobal('document', { hidden: false });
vi.stubGlobal('requestAnimationFrame', () => 0);
vi.stubGlobal('WebSocket', FakeSocket);
afterAll(() => vi.unstubAllGlobals());
beforeEach(() => {
  FakeSocket.all = [];
});

const url = 'ws://localhost:8080/ws?token=secret-token';
const texts = (log: FrameLog) => [...log.frames].reverse().map(({ direction, text }) => `${direction} ${text}`);

function open(tap: Tap): { socket: WebSocketLike; heard: string[] } {
  const heard: string[] = [];
  const socket = new tap.WebSocket(url);
  socket.onopen = () => heard.push('open');
  socket.onmessage = ({ data }: { data: string }) => heard.push(data);
  socket.onclose = ({ code }: { code: number }) => heard.push(`close ${code}`);
  return { socket, heard };
}

test('what goes by is written down in order, without secrets', () => {
  const log = new FrameLog(() => ['secret-token']);
  const { socket, heard } = open(new Tap(log));
  const [real] = FakeSocket.all;
  expect(real?.url).toBe(url);
  real?.onopen?.({});
  socket.send('{"auth":"secret-token"}');
  real?.onmessage?.({ data: '{"hello":1}' });
  real?.onclose?.({ code: 4002, reason: 'Invalid token' });
  expect(real?.sent).toEqual(['{"auth":"secret-token"}']);
  expect(heard).toEqual(['open', '{"hello":1}', 'close 4002']);
  expect(texts(log)).toEqual([
    'note opens ws://localhost:8080/ws',
    'note is open',
    'out {"auth":"•••"}',
    'in {"hello":1}',
    'note is closed: 4002 Invalid token',
  ]);
});

test('a cut ends connections as a failing network does, and those that begin meanwhile wait', () => {
  const tap = new Tap(new FrameLog(() => []));
  const first = open(tap);
  FakeSocket.all[0]?.onopen?.({});
  tap.cut();
  tap.cut();
  expect(first.heard).toEqual(['open', 'close 1006']);
  expect(FakeSocket.all[0]?.isClosed).toBe(true);
  const second = open(tap);
  expect(FakeSocket.all).toHaveLength(1);
  tap.restore();
  expect(FakeSocket.all).toHaveLength(2);
  FakeSocket.all[1]?.onopen?.({});
  expect(second.heard).toEqual(['open']);
  // What the old socket still says reaches nobody.
  FakeSocket.all[0]?.onopen?.({});
  FakeSocket.all[0]?.onmessage?.({ data: 'late' });
  FakeSocket.all[0]?.onclose?.({ code: 1005, reason: '' });
  expect(first.heard).toEqual(['open', 'close 1006']);
});

test('an attempt that waits can be given up, and is not made later', async () => {
  const tap = new Tap(new FrameLog(() => []));
  tap.cut();
  const { socket, heard } = open(tap);
  socket.close();
  expect(heard).toEqual([]);
  tap.restore();
  expect(FakeSocket.all).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual(['close 1006']);
});

test('a frame that nobody would read to its end is kept in part', () => {
  const log = new FrameLog(() => []);
  log.add('in', 'x'.repeat(1_000_000));
  log.add('in', new ArrayBuffer(12));
  const [binary, long] = [...log.frames];
  expect([long?.text.length, long?.size, binary?.text, binary?.size]).toEqual([
    maxTextLength,
    1_000_000,
    'binary, 12 bytes',
    12,
  ]);
});

test('frames are copied oldest first, with their times and directions', () => {
  const frame = (number: number, direction: 'in' | 'out' | 'note', text: string) => ({
    number,
    at: Date.UTC(2026, 0, 1, 12, 0, number),
    direction,
    text,
    size: text.length,
  });
  const newestFirst = [
    { ...frame(3, 'note', 'is open'), size: 7 },
    { ...frame(2, 'in', '{}'), size: 9 },
    frame(1, 'out', 'hi'),
  ];
  expect(framesAsText(newestFirst)).toBe(
    '2026-01-01T12:00:01.000Z > hi\n2026-01-01T12:00:02.000Z < {} … (9 in all)\n2026-01-01T12:00:03.000Z - is open',
  );
});

test('a secret is hidden as it is and as it stands in a URL; short ones are no secrets', () => {
  expect(masked('a=se/cret+1 b=se%2Fcret%2B1 c=se/cret+1', ['se/cret+1'])).toBe('a=••• b=••• c=•••');
  expect(masked('the cat', ['cat', ''])).toBe('the cat');
});

test('JSON is shown with line breaks, other text as it is', () => {
  expect(prettyFrame('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(prettyFrame('2probe')).toBe('2probe');
});
