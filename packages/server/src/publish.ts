import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { type Clock, type Cluster, type Gateway, type Issue, type Spread, systemClock } from '@roomcast/engine';
import { authorizes, challenge } from './bearer.js';
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

/** What the API reads of a request, whatever kind of server it came by. */
export interface PublishRequest {
  readonly method: string | undefined;
  /** By its name in lower case; undefined where there is none. */
  header(name: string): string | undefined;
  /** The whole body, or undefined where it has more bytes. */
  body(maxBytes: number): Promise<Buffer | undefined>;
}

/** What it answers, as JSON. */
export interface PublishAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The publish API of one gateway: what a request has to be, and what it is answered with. */
export class PublishApi {
  readonly #options: PublishOptions & Required<Pick<PublishOptions, keyof typeof publishDefaults>>;
  readonly #problemOf;
  readonly #once: Once;

  constructor(options: PublishOptions) {
    this.#options = { ...publishDefaults, ...options };
    this.#problemOf = authorizes(options.token);
    this.#once = onceIn(options);
  }

  /** Rejects where the gateway fails to publish, or the body never comes. */
  async answer(request: PublishRequest): Promise<PublishAnswer> {
    const answer = await this.#answer(request);
    this.#options.onAnswer?.(answer.status);
    return answer;
  }

  async #answer(request: PublishRequest): Promise<PublishAnswer> {
    if (request.method !== 'POST') return refused(405, 'Events are published with POST', { Allow: 'POST' });
    const problem = this.#problemOf(request.header('authorization'));
    if (problem !== undefined) return refused(401, problem, challenge);
    if (!isPlainJson(request)) {
      return refused(415, 'Events are published as application/json in UTF-8, not compressed');
    }
    const key = request.header('idempotency-key');
    if (key !== undefined && !keyShape.test(key)) {
      return refused(400, 'An Idempotency-Key has 1 to 255 visible ASCII characters');
    }
    const body = await request.body(this.#options.maxBytes);
    if (body === undefined) return refused(413, `A body has at most ${this.#options.maxBytes} bytes`);
    const outcome = key === undefined ? await this.#publish(body) : await this.#publishOnce(key, body);
    if (outcome === undefined) return refused(422, 'This Idempotency-Key was used with another body');
    return outcome.status === 503 ? { ...outcome, headers: { 'Retry-After': '1' } } : outcome;
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

function refused(status: number, error: string, headers: Readonly<Record<string, string>> = {}): PublishAnswer {
  return { status, body: { error }, headers };
}

function isPlainJson(request: PublishRequest): boolean {
  const encoding = request.header('content-encoding');
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') return false;
  const [type = '', ...parameters] = (request.header('content-type') ?? '').toLowerCase().split(';');
  if (type.trim() !== 'application/json') return false;
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='));
  return charset === undefined || /^charset="?utf-8"?$/.test(charset);
}
