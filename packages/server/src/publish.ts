import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type Clock, type Cluster, type Gateway, type Issue, type Spread, systemClock } from '@roomcast/engine';
import { answer, errorAnswer } from './answers.js';
import { bearerCheck } from './bearer.js';
import { readBody } from './body.js';
import { ClusterKeys } from './cluster-keys.js';
import { IdempotencyKeys, type IdempotencyOptions, idempotencyDefaults, type Rememberable } from './idempotency.js';
import { notJson, publishBody } from './publish-body.js';

export interface PublishOptions {
  /** Whose events are published. */
  gateway: Pick<Gateway, 'name' | 'parse' | 'prepare' | 'publish'>;
  /** `engine.cluster`: an `Idempotency-Key` is then known on every instance. @default on this one alone */
  cluster?: Cluster;
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

const keyShape = /^[\x21-\x7e]{1,255}$/;
/** Leaves out a byte order mark, which JSON has not and many programs write. */
const utf8 = new TextDecoder('utf-8');

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
  readonly #once: Once;

  constructor(options: PublishOptions) {
    this.#options = { ...publishDefaults, ...options };
    this.#authenticate = bearerCheck(options.token);
    this.#once = onceIn(options);
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

  async #publishOnce(key: string, body: Buffer): Promise<Pick<Outcome, 'status' | 'body'> | undefined> {
    const digest = createHash('sha256').update(body).digest('base64');
    return this.#once.run(key, digest, () => this.#publish(body));
  }

  async #publish(body: Buffer): Promise<Outcome> {
    const outcome = isUtf8(body) ? await publishBody(this.#options.gateway, utf8.decode(body), this.#options) : notJson;
    if (outcome.kind === 'refused') return refusal(outcome.status, outcome.error, outcome.issues);
    const failed = await notTaken(outcome.spreads.map((spread) => [spread, spread.done]));
    return published(outcome.accepted, body.length, failed);
  }
}

/** Publishes once for each key, on this instance or in the whole cluster. Undefined: the key has another body. */
interface Once {
  run(
    key: string,
    digest: string,
    first: () => Promise<Outcome>,
  ): Promise<Pick<Outcome, 'status' | 'body'> | undefined> | undefined;
}

const again = (before: Outcome) => (before.unspread.length === 0 ? before : respread(before));

/** Several handlers of one gateway know the same keys. */
const ofClusters = new WeakMap<Cluster, Map<string, Once>>();

function onceIn({ cluster, gateway, idempotency, clock = systemClock }: PublishOptions): Once {
  if (cluster === undefined) {
    const keys = new IdempotencyKeys<Outcome>(clock, idempotency);
    return { run: (key, digest, first) => keys.run(key, digest, first, again) };
  }
  const ofCluster = ofClusters.get(cluster) ?? new Map<string, Once>();
  ofClusters.set(cluster, ofCluster);
  const known = ofCluster.get(gateway.name);
  if (known !== undefined) return known;
  const { ttlMs, maxKeys } = { ...idempotencyDefaults, ...idempotency };
  const keys = new IdempotencyKeys<Outcome>(clock, idempotency);
  const isSpread = ({ unspread }: Outcome) => unspread.length === 0;
  const once = new ClusterKeys<Outcome>({ cluster, clock, name: gateway.name, keys, ttlMs, maxKeys, isSpread, again });
  ofCluster.set(gateway.name, once);
  return once;
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
