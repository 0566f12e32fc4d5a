import { type Clock, type Logger, systemClock } from '@roomcast/engine';
import type * as z from 'zod';
import { readBody } from './body.js';
import type { DirectorySource } from './directory.js';

export interface DirectoryUrlOptions<Schema extends z.ZodType> {
  /** Where questions are sent. A user and password in it become an `Authorization: Basic` header. */
  url: string;
  /** What an answer looks like. */
  schema: Schema;
  logger: Logger;
  /** Told of every question that could not be answered, for a metric. */
  onFailure?(): void;
  /** How long the backend may take, in milliseconds. @default 2000 */
  timeoutMs?: number;
  /** How long an answer is good for, in milliseconds. @default 30000 */
  ttlMs?: number;
  /** Answers remembered at most. @default 10000 */
  maxEntries?: number;
  /** @default the machine's time */
  clock?: Clock;
}

export const directoryUrlDefaults = Object.freeze({ timeoutMs: 2000, ttlMs: 30_000, maxEntries: 10_000 });

/** After a failure the same question is denied without asking for so long, in milliseconds. */
const failureTtlMs = 1000;
/** Between two log lines about failures, in milliseconds. */
const logEveryMs = 10_000;
const maxAnswerBytes = 1024 * 1024;

interface Remembered<Answer> {
  answer: Promise<Answer | undefined>;
  /** Infinity while the answer is on its way. */
  until: number;
}

/**
 * A directory behind HTTP: `POST url` with the question as JSON. 200 with an answer that fits the schema is the answer,
 * 404 a no. Anything else (another status, a time-out, a body that does not fit) is denied, logged and counted.
 */
export function directoryUrl<Question, Schema extends z.ZodType>(
  options: DirectoryUrlOptions<Schema>,
): DirectorySource<Question, z.output<Schema>> {
  type Answer = z.output<Schema>;
  const { logger, ttlMs, maxEntries, clock } = { ...directoryUrlDefaults, clock: systemClock, ...options };
  const fetchAnswer = asker(options);
  const remembered = new Map<string, Remembered<Answer>>();
  let quietUntil = 0;
  let failures = 0;

  const fail = (error: unknown) => {
    options.onFailure?.();
    failures++;
    if (clock.now() < quietUntil) return;
    quietUntil = clock.now() + logEveryMs;
    logger.error({ err: error, failures }, 'the directory gives no answer: denied');
    failures = 0;
  };

  const ask = (question: Question) => {
    const key = JSON.stringify(question);
    const known = remembered.get(key);
    if (known !== undefined && known.until > clock.now()) return known.answer;
    const entry: Remembered<Answer> = { answer: Promise.resolve(undefined), until: Number.POSITIVE_INFINITY };
    entry.answer = fetchAnswer(key).then(
      (answer) => {
        entry.until = clock.now() + ttlMs;
        return answer;
      },
      (error: unknown) => {
        entry.until = clock.now() + failureTtlMs;
        fail(error);
        return undefined;
      },
    );
    remembered.delete(key);
    remembered.set(key, entry);
    if (remembered.size > maxEntries) remembered.delete(remembered.keys().next().value as string);
    return entry.answer;
  };
  return { ask, close: () => remembered.clear() };
}

function asker<Schema extends z.ZodType>({
  url,
  schema,
  timeoutMs = directoryUrlDefaults.timeoutMs,
}: DirectoryUrlOptions<Schema>): (question: string) => Promise<z.output<Schema> | undefined> {
  const target = new URL(url);
  const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json' };
  if (target.username !== '' || target.password !== '') {
    const pair = `${decodeURIComponent(target.username)}:${decodeURIComponent(target.password)}`;
    headers.Authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    target.username = '';
    target.password = '';
  }
  return async (body) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(target, { method: 'POST', headers, body, signal, redirect: 'error' });
    const bytes = await readBody(response, maxAnswerBytes);
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw new Error(`expected status 200 or 404, got ${response.status}`);
    if (bytes === undefined) throw new Error(`expected an answer of at most ${maxAnswerBytes} bytes, got more`);
    return schema.parse(JSON.parse(bytes.toString('utf8')));
  };
}
