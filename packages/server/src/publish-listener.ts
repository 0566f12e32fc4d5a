import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Logger, silentLogger } from '@roomcast/engine';
import { readIncoming } from './body.js';
import { type PublishAnswer, PublishApi, type PublishOptions } from './publish.js';

export interface PublishListenerOptions extends PublishOptions {
  /** Told of a gateway that fails to publish, which is answered with 500. @default nothing is logged */
  logger?: Logger;
  /** What every answer has beside its own headers; asked for at each. @default nothing */
  headers?(): Readonly<Record<string, string>>;
}

/**
 * The publish API of one gateway for node:http and Express. It speaks to node:http itself: a `Request` and a `Response`
 * around each event cost several times what reading, checking and publishing it does.
 */
export function publishListener(options: PublishListenerOptions): RequestListener {
  const { logger = silentLogger } = options;
  const api = new PublishApi(options);
  return async (incoming, outgoing) => {
    try {
      send(outgoing, await api.answer(read(incoming)), options.headers?.());
    } catch (error) {
      // Whoever has gone, or was cut off for sending too slowly, is owed no answer.
      if (incoming.socket.destroyed || outgoing.headersSent) return;
      logger.error({ err: error }, 'answering a publish request failed');
      options.onAnswer?.(500);
      send(outgoing, { status: 500, body: { error: 'Internal error' } }, options.headers?.());
    }
  };
}

function read(incoming: IncomingMessage) {
  return {
    method: incoming.method,
    // Node.js has joined what may come several times; only `set-cookie` is a list.
    header: (name: string) => incoming.headers[name] as string | undefined,
    body: (maxBytes: number) => readIncoming(incoming, maxBytes),
  };
}

function send(
  outgoing: ServerResponse,
  { status, body, headers }: PublishAnswer,
  common: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(body);
  outgoing.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
    ...common,
    ...headers,
  });
  outgoing.end(text);
}
