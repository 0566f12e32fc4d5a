import { readFileSync } from 'node:fs';

/** One event of a trace: what the client did (`c`), what the server did (`s`, `http`), or a remark. */
export interface TraceEvent {
  c?: 'text' | 'bin' | 'ping' | 'close' | 'raw' | 'http';
  s?: 'open' | 'text' | 'bin' | 'close' | 'pong' | 'http' | 'raw';
  d?: string;
  hex?: string;
  code?: number;
  reason?: string;
  http?: number;
  status?: number;
  body?: string;
  head?: string;
  headers?: Record<string, string>;
  m?: string;
  path?: string;
  err?: string;
  note?: string;
}

export interface TraceLine {
  /** Where it stands in the file, from 1. */
  line: number;
  stack: string;
  scenario: string;
  path?: string;
  headers?: Record<string, string>;
  protocols?: string[];
  trace: TraceEvent[];
}

/** What a server did, in the form in which two servers are compared. */
export type Observed =
  | { open: true }
  | { http: number; body?: string; cacheControl?: string; protocol?: string; extensions?: string; accept?: string }
  | { text: unknown }
  | { binary: string }
  | { close: number; reason: string }
  | { pong: string }
  | { error: string }
  | { frames: string }
  | { stillOpen: true };

export const traceLines: readonly TraceLine[] = readFileSync(
  new URL('../fixtures/phoenix.jsonl', import.meta.url),
  'utf8',
)
  .trimEnd()
  .split('\n')
  .map((text, index) => ({ ...(JSON.parse(text) as TraceLine), line: index + 1 }));

/** What the recorded server did. */
export function recorded({ trace }: TraceLine): Observed[] {
  return trace.flatMap((event): Observed[] => {
    switch (event.s) {
      case 'open':
        return [{ open: true }];
      case 'text':
        return [{ text: withoutPresenceRefs(JSON.parse(event.d as string)) }];
      case 'bin':
        return [{ binary: event.hex as string }];
      case 'close':
        return [{ close: event.code as number, reason: event.reason as string }];
      case 'pong':
        return [{ pong: event.d as string }];
      case 'http':
        return [answer(event.status as number, event.body as string, event.headers)];
      case 'raw':
        return fromHead(event.head as string, event.body as string);
    }
    if (event.http === 101) return [{ http: 101, ...negotiated(event.headers ?? {}) }];
    if (event.http !== undefined) return [answer(event.http, event.body as string, event.headers)];
    if (event.err !== undefined) return [{ error: event.err }];
    return event.note?.startsWith('still open') ? [{ stillOpen: true }] : [];
  });
}

/** A raw answer: a refusal with its body, or the handshake and the bytes that followed it. */
export function fromHead(head: string, body: string): Observed[] {
  const [statusLine = '', ...fields] = head.trimEnd().split('\r\n');
  const http = Number(statusLine.split(' ')[1]);
  const headers = Object.fromEntries(
    fields.map((field) => {
      const colon = field.indexOf(':');
      return [field.slice(0, colon).toLowerCase(), field.slice(colon + 1).trim()];
    }),
  );
  if (http !== 101) return [answer(http, body, headers)];
  return [{ http, accept: headers['sec-websocket-accept'] ?? '', ...negotiated(headers) }, { frames: body }];
}

/** What a handshake agreed on. */
export function negotiated(headers: Record<string, unknown>): { protocol?: string; extensions?: string } {
  const protocol = headers['sec-websocket-protocol'];
  const extensions = headers['sec-websocket-extensions'];
  return {
    ...(protocol ? { protocol: String(protocol) } : {}),
    ...(extensions ? { extensions: String(extensions) } : {}),
  };
}

/** An HTTP answer. What is not found is no business of the socket's: the application answers. */
export function answer(http: number, body: string, headers: Record<string, unknown> = {}): Observed {
  const cacheControl = headers['cache-control'];
  return { http, body, ...(cacheControl && http !== 404 ? { cacheControl: String(cacheControl) } : {}) };
}

/** Presence gives each entry a random name. */
function withoutPresenceRefs(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, inner) => (key === 'phx_ref' ? '<REF>' : inner)));
}

const shortened = /^<(\d+) bytes> /;

/** A frame of the client; the long ones were recorded by their length and beginning. */
export function clientText(recordedText: string): string {
  const length = Number(shortened.exec(recordedText)?.[1] ?? 0);
  if (length === 0) return recordedText;
  const beginning = recordedText.replace(shortened, '').slice(0, -1);
  const text = beginning.includes('heartbeat')
    ? `${beginning}${'x'.repeat(length - beginning.length - 3)}"}]`
    : tooManySystems(beginning);
  if (!text.startsWith(beginning) || text.length !== length) throw new Error(`cannot restore ${recordedText}`);
  return text;
}

function tooManySystems(beginning: string): string {
  const systems = Array.from({ length: 101 }, (_, index) => 30_000_000 + index);
  return beginning.startsWith('[')
    ? JSON.stringify(['1', '1', 'killmails:lobby', 'phx_join', { systems }])
    : JSON.stringify({ topic: 'killmails:lobby', event: 'phx_join', payload: { systems }, ref: '1', join_ref: '1' });
}
