import { createHash } from 'node:crypto';
import { type Clock, type Gateway, type Issue, type Spread, systemClock } from '@roomcast/engine';
import { answer, errorAnswer } from './answers.js';
import { bearerCheck } from './bearer.js';
import { readBody } from './body.js';
import { IdempotencyKeys, type IdempotencyOptions, type Rememberable } from './idempotency.js';
import { Slices } from './slices.js';

export interface PublishOptions {
  /** Whose events are published. */
  gateway: Pick<Gateway, 'parse' | 'prepare' | 'publish'>;
  /** What requests must have in `Authorization: Bearer <token>`: at least 8 characters. */
  token: string;
  /** Events in one request; more are 413. @default 1000 */
  maxEvents?: number;
  /** Bytes of one body; more are 413. @default 1 MiB */
  maxBytes?: number;
  /** How long one request may hold the event loop at a time, in milliseconds. @default 5 */
  sliceMs?: number;
  /** How `Idempotency-Key`s are remembered. */
  idempotency?: IdempotencyOptions;
  /** Told of every answer, for metrics. */
  onAnswer?(status: number): void;
  /** @default the machine's time */
  clock?: Clock;
}

export const publishDefaults = Object.freeze({ maxEvents: 1000, maxBytes: 1024 * 1024, sliceMs: 5 });

/** A body of a thousand broken events would else be answered with megabytes. */
const maxIssues = 1000;

/** Levels of nesting in an event. What is much deeper than any real event would exhaust the stack of those who write it. */
const maxDepth = 64;
const tooDeep = {
  ok: false,
  issues: [{ path: '', message: `expected at most ${maxDepth} levels of nesting` }],
} as const;

const keyShape = /^[\x21-\x7e]{1,255}$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

interface Outcome extends Rememberable {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** Publications that were delivered here and that the bus did not take. */
  readonly unspread: readonly Spread[];
}

/**
 * The publish API of one gateway as a function from a request to its answer, for any server that has those: Hono
 * (`app.post(path, (c) => publish(c.req.raw))`), or Express and node:http through `nodeHandler`.
 */
export function publishHandler(options: PublishOptions): (request: Request) => Promise<Response> {
  const api = new PublishApi(options);
  return async (request) => {
    const response = await api.answer(request);
    options.onAnswer?.(response.status);
    return response;
  };
}

class PublishApi {
  readonly #options: PublishOptions & Required<Pick<PublishOptions, keyof typeof publishDefaults>>;
  readonly #authenticate;
  readonly #keys: IdempotencyKeys<Outcome>;

  constructor(options: PublishOptions) {
    this.#options = { ...publishDefaults, ...options };
    this.#authenticate = bearerCheck(options.token);
    this.#keys = new IdempotencyKeys(options.clock ?? systemClock, options.idempotency);
  }

  async answer(request: Request): Promise<Response> {
    if (request.method !== 'POST') return errorAnswer(405, 'Events are published with POST', {}, { Allow: 'POST' });
    const refused = this.#authenticate(request) ?? unsupported(request.headers);
    if (refused !== undefined) return refused;
    const key = request.headers.get('idempotency-key');
    if (key !== null && !keyShape.test(key)) return badKey();
    const body = await readBody(request, this.#options.maxBytes);
    if (body === undefined) return errorAnswer(413, `A body has at most ${this.#options.maxBytes} bytes`);
    const outcome = key === null ? await this.#publish(body) : await this.#publishOnce(key, body);
    if (outcome === undefined) return errorAnswer(422, 'This Idempotency-Key was used with another body');
    return answer(outcome.status, outcome.body, outcome.status === 503 ? { 'Retry-After': '1' } : {});
  }

  #publishOnce(key: string, body: Buffer): Promise<Outcome> | undefined {
    const digest = createHash('sha256').update(body).digest('base64');
    return this.#keys.run(
      key,
      digest,
      () => this.#publish(body),
      (before) => (before.unspread.length === 0 ? before : respread(before)),
    );
  }

  async #publish(body: Buffer): Promise<Outcome> {
    const slices = new Slices(this.#options.sliceMs);
    let value: unknown;
    try {
      value = JSON.parse(utf8.decode(body));
    } catch {
      return refusal(400, 'The body is not JSON in UTF-8');
    }
    const inputs: readonly unknown[] = Array.isArray(value) ? value : [value];
    const { maxEvents, gateway } = this.#options;
    if (inputs.length > maxEvents) return refusal(413, `A request has at most ${maxEvents} events`);
    const { events, issues } = await this.#parse(inputs, slices);
    if (issues.length > 0) return refusal(400, 'Nothing was published: not every event is valid', issues);
    const spreads: Spread[] = [];
    for (const event of gateway.prepare?.(events) ?? events) {
      if (slices.over) await slices.next();
      spreads.push(gateway.publish(event));
    }
    return published(events.length, body.length, await notTaken(spreads.map((spread) => [spread, spread.done])));
  }

  async #parse(inputs: readonly unknown[], slices: Slices): Promise<{ events: unknown[]; issues: Issue[] }> {
    const events: unknown[] = [];
    const issues: Issue[] = [];
    for (const [index, input] of inputs.entries()) {
      if (slices.over) await slices.next();
      const parsed = isTooDeep(input, maxDepth) ? tooDeep : this.#options.gateway.parse(input);
      if (parsed.ok) {
        events.push(parsed.event);
        continue;
      }
      for (const { path, message } of parsed.issues) {
        if (issues.length === maxIssues) return { events, issues };
        issues.push({ path: path === '' ? `${index}` : `${index}.${path}`, message });
      }
    }
    return { events, issues };
  }
}

/** Hands to the bus what it did not take before. Here it was delivered then. */
async function respread({ body, bytes, unspread }: Outcome): Promise<Outcome> {
  const failed = await notTaken(unspread.map((spread) => [spread, spread.retry()]));
  return published(Number(body.accepted), bytes, failed);
}

async function notTaken(spreads: readonly (readonly [Spread, Promise<void>])[]): Promise<Spread[]> {
  const results = await Promise.allSettled(spreads.map(([, done]) => done));
  return spreads.filter((_, index) => results[index]?.status === 'rejected').map(([spread]) => spread);
}

function published(accepted: number, bytes: number, unspread: readonly Spread[]): Outcome {
  if (unspread.length === 0) return { status: 202, body: { accepted }, unspread, keep: true, bytes: 0 };
  const error =
    'The bus is down: the events were delivered on this instance only. ' +
    'The same request with the same Idempotency-Key spreads them without delivering them here again';
  return { status: 503, body: { error, accepted, not_spread: unspread.length }, unspread, keep: true, bytes };
}

function refusal(status: number, error: string, issues?: readonly Issue[]): Outcome {
  const body = issues === undefined ? { error } : { error, issues };
  return { status, body, unspread: [], keep: false, bytes: 0 };
}

function unsupported(headers: Headers): Response | undefined {
  const [type = '', ...parameters] = (headers.get('content-type') ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  const isJson = type.trim() === 'application/json' && (charset === undefined || /^charset="?utf-8"?$/.test(charset));
  const encoding = headers.get('content-encoding') ?? 'identity';
  if (isJson && encoding.toLowerCase() === 'identity') return undefined;
  return errorAnswer(415, 'Events are published as application/json in UTF-8, not compressed');
}

function badKey(): Response {
  return errorAnswer(400, 'An Idempotency-Key has 1 to 255 visible ASCII characters');
}

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}
