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
