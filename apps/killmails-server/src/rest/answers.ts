import { Buffer } from 'node:buffer';

/** A larger answer is sent piece by piece, as fast as it is read, instead of being put together first. */
const maxConcatenatedBytes = 1024 * 1024;

const headers = { 'Content-Type': 'application/json' };

/** `{data, timestamp}` around JSON that is encoded already. */
export function dataAnswer(data: readonly Buffer[]): Response {
  const end = Buffer.from(`,"timestamp":"${new Date().toISOString()}"}`);
  return spliced([Buffer.from('{"data":'), ...data, end]);
}

/** `{error, code, details, timestamp}`. */
export function errorAnswer(status: number, code: string, error: string, details: object = {}): Response {
  const body = { error, code, details, timestamp: new Date().toISOString() };
  return new Response(JSON.stringify(body), { status, headers });
}

/** JSON text of a value that is not encoded yet. */
export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function spliced(parts: readonly Buffer[]): Response {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0);
  if (bytes <= maxConcatenatedBytes) return new Response(new Uint8Array(Buffer.concat(parts, bytes)), { headers });
  const rest = parts.values();
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = rest.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
  return new Response(body, { headers });
}
