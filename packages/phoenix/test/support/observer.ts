import type { IncomingMessage } from 'node:http';
import { patienceMs } from '@roomcast/testing';
import { WebSocket } from 'ws';
import { answer, negotiated, type Observed, type TraceEvent, type TraceLine } from './trace.js';

const fencePrefix = 'fence-';

/** A WebSocket client that writes down what the server does, in the form of the traces. */
export class Observer {
  readonly observed: Observed[] = [];
  readonly #socket: WebSocket;
  readonly #fences = new Set<string>();
  #count = 0;
  #changed = () => {};
  #state: 'connecting' | 'open' | 'refused' | 'closed' = 'connecting';

  constructor(
    url: string,
    readonly line: TraceLine,
  ) {
    const { headers, protocols, scenario, trace } = line;
    this.#socket = new WebSocket(url, protocols ?? [], {
      headers: headers ?? {},
      perMessageDeflate: scenario.startsWith('permessage-deflate'),
    });
    const recorded = (what: (event: TraceEvent) => boolean) => trace.some(what);
    const withHandshake = recorded(({ http }) => http === 101);
    // Where an upgrade was refused, one that succeeds must not pass for nothing.
    const withOpen = recorded(({ s, http = 0 }) => s === 'open' || http > 101);
    this.#socket.on('upgrade', (response) => {
      if (withHandshake) this.observed.push({ http: 101, ...negotiated(response.headers) });
    });
    this.#socket.on('unexpected-response', (_request, response) => void this.#refused(response));
    this.#socket.on('open', () => {
      this.#state = 'open';
      if (withOpen) this.observed.push({ open: true });
      this.#changed();
    });
    this.#socket.on('message', (data, isBinary) => this.#message(data as Buffer, isBinary));
    this.#socket.on('pong', (data) => {
      if (!this.#fences.delete(String(data))) this.observed.push({ pong: String(data) });
      this.#changed();
    });
    this.#socket.on('error', (error) => {
      // Without a subprotocol in the answer the client itself gives up, which is what was recorded.
      if (error.message.includes('subprotocol')) this.observed.push({ error: error.message });
    });
    this.#socket.on('close', (code, reason) => {
      if (this.#state === 'refused') return;
      this.#state = 'closed';
      this.observed.push({ close: code, reason: String(reason) });
      this.#changed();
    });
  }

  /** Waits for the answer to the upgrade. */
  async handshake(): Promise<void> {
    await this.#until(() => this.#state !== 'connecting', 'the handshake');
  }

  get open(): boolean {
    return this.#state === 'open' && this.#socket.readyState === WebSocket.OPEN;
  }

  send(data: string | Buffer): void {
    if (this.open) this.#socket.send(data);
  }

  ping(data: string): void {
    this.#socket.ping(data);
  }

  /** Pings, and waits until the server has seen it. */
  async keepAlive(): Promise<void> {
    const data = this.#newFence();
    this.ping(data);
    await this.#passed(data);
  }

  close(code: number): void {
    this.#socket.close(code);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Waits until the server has handled everything sent so far: until it answers a heartbeat, or closes. */
  async fence(v1: boolean): Promise<void> {
    if (!this.open) return;
    const ref = this.#newFence();
    const frame = v1
      ? { topic: 'phoenix', event: 'heartbeat', payload: {}, ref }
      : [null, ref, 'phoenix', 'heartbeat', {}];
    this.send(JSON.stringify(frame));
    await this.#passed(ref);
  }

  async untilClosed(): Promise<void> {
    await this.#until(() => this.#state === 'closed', 'the close');
  }

  #newFence(): string {
    const fence = `${fencePrefix}${++this.#count}`;
    this.#fences.add(fence);
    return fence;
  }

  async #passed(fence: string): Promise<void> {
    await this.#until(() => this.#state === 'closed' || !this.#fences.has(fence), 'the answer to a fence');
  }

  /** Looks at a condition again whenever something has happened. */
  #until(condition: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${what} did not come in "${this.line.scenario}"`)), patienceMs);
      const look = () => {
        if (condition()) {
          clearTimeout(timer);
          resolve();
        } else {
          this.#changed = look;
        }
      };
      look();
    });
  }

  #message(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.observed.push({ binary: data.toString('hex') });
      return;
    }
    const frame = JSON.parse(String(data));
    const ref = Array.isArray(frame) ? frame[1] : frame.ref;
    if (typeof ref === 'string' && ref.startsWith(fencePrefix)) this.#fences.delete(ref);
    else this.observed.push({ text: frame });
    this.#changed();
  }

  async #refused(response: IncomingMessage): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    this.observed.push(answer(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headers));
    this.#state = 'refused';
    this.#changed();
  }
}
