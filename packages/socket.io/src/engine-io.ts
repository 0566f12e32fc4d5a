import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Server } from 'engine.io';
import { type ServerOptions, WebSocketServer } from 'ws';

export interface EngineIoOptions {
  readonly transports: readonly ('polling' | 'websocket')[];
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly upgradeTimeoutMs: number;
  readonly maxFrameBytes: number;
  readonly maxFragments: number;
}

/** Session ids are secrets: who knows one can take its polls. */
const idBytes = 15;

/** Engine.IO's server with our limits. Session ids are remembered by their request, since connections keep theirs private. */
export class EngineIo extends Server {
  readonly #ids = new WeakMap<IncomingMessage, string>();

  constructor(options: EngineIoOptions) {
    super({
      transports: [...options.transports],
      pingInterval: options.pingIntervalMs,
      pingTimeout: options.pingTimeoutMs,
      upgradeTimeout: options.upgradeTimeoutMs,
      maxHttpBufferSize: options.maxFrameBytes,
      httpCompression: false,
      wsEngine: class extends WebSocketServer {
        constructor(given: ServerOptions) {
          super({ ...given, maxFragments: options.maxFragments });
        }
      },
    });
  }

  override generateId(request: IncomingMessage): string {
    const id = randomBytes(idBytes).toString('base64url');
    this.#ids.set(request, id);
    return id;
  }

  /** The session id that a handshake was given. */
  idOf(request: IncomingMessage): string | undefined {
    return this.#ids.get(request);
  }
}
