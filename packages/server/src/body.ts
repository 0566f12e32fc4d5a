import type { IncomingMessage } from 'node:http';
import type { MiddlewareHandler } from 'hono';
import { errorAnswer } from './answers.js';

/** The body's bytes, or undefined when there are more than `maxBytes`. Stops reading there. */
export async function readBody(
  message: Pick<Request, 'body' | 'headers'>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  if (Number(message.headers.get('content-length') ?? 0) > maxBytes) return undefined;
  if (message.body === null) return Buffer.alloc(0);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = message.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, size);
    size += value.length;
    if (size > maxBytes) return undefined;
    chunks.push(value);
  }
}

/** The same of node:http's request. Rejects where the client goes before it has sent all of it. */
export function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  if (incoming.readableDidRead)
    return Promise.reject(new Error('The body was read by others before, such as a parser'));
  if (Number(incoming.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      // What comes after the answer is read and let go by node:http, until its time-out for requests.
      else resolve(undefined);
    });
    incoming.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    incoming.on('error', reject);
  });
}

/** Answers 413 to requests with more than `maxBytes` of body. */
export function limitBody(maxBytes: number): MiddlewareHandler {
  return async (c, next) => {
    const { raw } = c.req;
    const tooLarge = () => errorAnswer(413, `A body has at most ${maxBytes} bytes`);
    if (raw.headers.has('transfer-encoding')) {
      const body = await readBody(raw, maxBytes);
      if (body === undefined) return tooLarge();
      c.req.raw = new Request(raw.url, { method: raw.method, headers: raw.headers, body });
    } else if (Number(raw.headers.get('content-length') ?? 0) > maxBytes) {
      return tooLarge();
    }
    await next();
    return undefined;
  };
}
