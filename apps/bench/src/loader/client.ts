import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { clientFrame, FrameCounter, pongFrame, type Special } from './frames.js';
import type { Speech, Step } from './speech.js';

/** Where clients connect to. */
export interface Target {
  readonly port: number;
  /** The certificate to trust, where TLS is on. */
  readonly ca?: string;
}

/** One who connects, and what it says until it is ready. */
export interface Entrant {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
}

/** What a client tells of. Shared by all of a crowd: a closure for each would cost more than the counting. */
export interface Listener {
  ready(client: Client): void;
  /** Frames came in for a client that is ready. */
  frames(client: Client, count: number): void;
  /** It was closed, by whom and why does not matter. */
  gone(client: Client, reason: string): void;
}

export type ClientState = 'connecting' | 'upgrading' | 'joining' | 'ready' | 'gone';

/** Read by all sockets in turn: none keeps a chunk. */
const readBuffer = Buffer.allocUnsafe(256 * 1024);
const endOfHead = Buffer.from('\r\n\r\n');

/** One WebSocket connection on a raw socket, which counts frames and parses nothing. */
export class Client {
  state: ClientState = 'connecting';
  /** Frames since it is ready: in a room of which all is delivered in order, the number of the next event. */
  frameCount = 0;
  readonly #socket: Socket;
  readonly #frames: FrameCounter;
  #steps: readonly Step[];
  #awaited = 0;

  constructor(
    target: Target,
    { path, headers, steps }: Entrant,
    readonly speech: Speech,
    readonly listener: Listener,
  ) {
    this.#steps = steps;
    this.#frames = new FrameCounter(speech.heartbeat?.bytes);
    this.#socket = this.#connect(target);
    this.#socket.setNoDelay(true);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.#socket.once(target.ca === undefined ? 'connect' : 'secureConnect', () => {
      this.state = 'upgrading';
      this.#socket.write(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${lines.join('')}\r\n`,
      );
    });
    this.#socket.on('error', (error) => this.#gone(error.message));
    this.#socket.on('close', () => this.#gone('closed'));
  }

  send(text: string): void {
    this.sendFrame(clientFrame(text));
  }

  /** Sends a frame that is made already, several times in one write. */
  sendFrame(frame: Buffer, times = 1): void {
    this.#socket.write(times === 1 ? frame : Buffer.concat(new Array<Buffer>(times).fill(frame)));
  }

  /** Stops reading for good: a stalled reader. */
  stall(): void {
    this.#socket.pause();
  }

  /** Closes without a word, so that no port stays in TIME_WAIT. */
  destroy(): void {
    this.state = 'gone';
    this.#socket.resetAndDestroy();
  }

  #connect({ port, ca }: Target): Socket {
    const host = '127.0.0.1';
    if (ca !== undefined) {
      const socket = connectTls({ port, host, ca, servername: 'localhost' });
      socket.on('data', (chunk: Buffer) => this.#read(chunk, chunk.length));
      return socket;
    }
    const callback = (bytes: number): boolean => {
      this.#read(readBuffer, bytes);
      return true;
    };
    return connect({ port, host, onread: { buffer: readBuffer, callback } });
  }

  /** Reads the first `bytes` of the chunk. */
  #read(chunk: Buffer, bytes: number): void {
    if (this.state === 'upgrading') {
      const end = chunk.subarray(0, bytes).indexOf(endOfHead);
      if (end < 0 || !chunk.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        this.#gone(chunk.subarray(0, 100).toString().split('\r\n')[0] ?? 'no answer');
        return;
      }
      this.state = 'joining';
      this.#next();
      if (end + 4 < bytes) this.#read(chunk.subarray(end + 4), bytes - end - 4);
      return;
    }
    const count = this.#frames.count(chunk, bytes, this.#special);
    if (this.state === 'ready') {
      this.listener.frames(this, count);
      this.frameCount += count;
    } else if (this.state === 'joining') {
      this.#awaited -= count;
      if (this.#awaited <= 0) this.#next();
    }
  }

  #next(): void {
    const [step, ...rest] = this.#steps;
    this.#steps = rest;
    if (step === undefined) {
      this.state = 'ready';
      this.listener.ready(this);
      return;
    }
    this.#awaited = step.frames;
    if (step.send !== null) this.send(step.send);
    if (step.frames === 0) this.#next();
  }

  readonly #special = (kind: Special): void => {
    if (kind === 'ping') this.#socket.write(pongFrame);
    else if (kind === 'heartbeat') this.send(this.speech.heartbeat?.answer ?? '');
    else if (kind === 'close') this.#gone('closed by the server');
  };

  #gone(reason: string): void {
    if (this.state === 'gone') return;
    const { state } = this;
    this.destroy();
    this.listener.gone(this, `${reason} (while ${state})`);
  }
}
