import { Buffer } from 'node:buffer';
import type { Clock } from '@roomcast/engine';

/** How a request went. */
export type Answer =
  | { readonly kind: 'ok'; readonly body: string; readonly headers: Headers }
  | {
      readonly kind: 'refused';
      readonly status: number;
      readonly headers: Headers;
      /** What `Retry-After` asks for. */
      readonly retryAfterMs: number | undefined;
    }
  | { readonly kind: 'too-large' }
  /** No answer, or none in time. */
  | { readonly kind: 'failed'; readonly reason: string };

interface RequestOptions {
  readonly clock: Clock;
  /** For the whole of it, the body included. */
  readonly timeoutMs: number;
  /** A larger body, after decompression, is not read to its end. */
  readonly maxBytes: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
  readonly headers: Readonly<Record<string, string>>;
  /** Sent as JSON with POST; without one it is a GET. */
  readonly json?: unknown;
}

const jsonType = { 'Content-Type': 'application/json' };

/** One HTTP request, bounded in time and size. Never throws. */
export async function request(url: string, options: RequestOptions): Promise<Answer> {
  const { clock, timeoutMs, signal, json } = options;
  const timeout = new AbortController();
  const stopTimer = clock.after(timeoutMs, () => timeout.abort());
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, timeout.signal]),
      headers: { Accept: 'application/json', ...options.headers, ...(json !== undefined && jsonType) },
      ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
    });
    const { status, headers } = response;
    if (!response.ok) {
      // What was refused is known already, whatever becomes of the connection.
      await response.body?.cancel().catch(() => {});
      return { kind: 'refused', status, headers, retryAfterMs: retryAfterMs(headers, clock.now()) };
    }
    const body = await readBounded(response, options.maxBytes);
    return body === undefined ? { kind: 'too-large' } : { kind: 'ok', body, headers };
  } catch (error) {
    return { kind: 'failed', reason: timeout.signal.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error) };
  } finally {
    stopTimer();
  }
}

/** The text of a body, or undefined where it is larger than allowed. */
async function readBounded(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get('Retry-After');
  if (value === null) return undefined;
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** `fetch` hides the reason of a network error in the cause of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message;
}
