import { type WebSocketConstructor, withoutQuery } from '@roomcast/client-core';
import type { FrameLog } from './frame-log.js';
import { TappedSocket } from './tapped-socket.js';

/**
 * Sits between a client and its WebSockets: writes down what goes by, and can cut the line as a network does that
 * fails. Attempts to connect while it is cut hang, and go through when it is restored.
 */
export class Tap {
  #isCut = false;
  readonly #sockets = new Set<TappedSocket>();
  /** For the client's option of that name. */
  readonly WebSocket: WebSocketConstructor;

  constructor(readonly log: FrameLog) {
    const tap = this;
    this.WebSocket = class extends TappedSocket {
      constructor(url: string, protocols: string[] = []) {
        super(() => new WebSocket(url, protocols), {
          frame: (direction, data) => log.add(direction, data),
          ended: () => tap.#sockets.delete(this),
        });
        tap.#sockets.add(this);
        log.add('note', tap.#isCut ? 'waits: the line is cut' : `opens ${withoutQuery(url)}`);
        if (!tap.#isCut) this.begin();
      }
    };
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.log.add('note', 'the line is cut');
    for (const socket of [...this.#sockets]) socket.sever();
  }

  restore(): void {
    if (!this.#isCut) return;
    this.#isCut = false;
    this.log.add('note', 'the line is restored');
    for (const socket of [...this.#sockets]) socket.begin();
  }
}
