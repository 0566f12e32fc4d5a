import { type Answers, type Logger, silentLogger } from '@roomcast/engine';
import { type Context, Hono } from 'hono';
import type * as z from 'zod';
import {
  type AdminEngine,
  answerAdmin,
  type DescribedRoom,
  disconnectAnswer,
  disconnectBody,
  idOf,
  questions,
  roomsAnswer,
  roomsQuery,
  sessionsAnswer,
  sessionsQuery,
} from './admin-answers.js';
import { answer, errorAnswer } from './answers.js';
import { bearerCheck } from './bearer.js';
import { readBody } from './body.js';
import { Distinct } from './distinct.js';
import { mergePages } from './pages.js';

export interface AdminOptions {
  engine: AdminEngine;
  /** What requests must have in `Authorization: Bearer <token>`: at least 8 characters. */
  token: string;
  /** @default nothing is logged */
  logger?: Logger;
  /** How long instances may take to answer, in milliseconds. @default 2000 */
  timeoutMs?: number;
}

const maxBodyBytes = 16 * 1024;
const defaultTimeoutMs = 2000;

/**
 * The admin API: `GET /admin/sessions`, `GET /admin/rooms`, `POST /admin/disconnect`, each for all instances. Mount it
 * in a Hono app with `app.route('/', …)`, elsewhere as `nodeHandler(….fetch)`.
 */
export function adminRoutes(options: AdminOptions): Hono {
  const authenticate = bearerCheck(options.token);
  const everywhere = new Everywhere(options);
  const app = new Hono();
  app.use('/admin/*', async (c, next) => {
    const refused = authenticate(c.req.raw);
    if (refused !== undefined) return refused;
    await next();
    return undefined;
  });
  app.get('/admin/sessions', async (c) => {
    const query = sessionsQuery.safeParse(c.req.query());
    return query.success ? everywhere.sessions(query.data) : invalid(query.error);
  });
  app.get('/admin/rooms', async (c) => {
    const query = roomsQuery.safeParse(c.req.query());
    return query.success ? everywhere.rooms(query.data) : invalid(query.error);
  });
  app.post('/admin/disconnect', (c) => disconnect(everywhere, c));
  return app;
}

/** Asks every instance, this one included, and makes one answer of theirs. */
class Everywhere {
  readonly #engine: AdminEngine;
  readonly #logger: Logger;
  readonly #timeoutMs: number;

  constructor({ engine, logger = silentLogger, timeoutMs = defaultTimeoutMs }: AdminOptions) {
    this.#engine = engine;
    this.#logger = logger;
    this.#timeoutMs = timeoutMs;
    answerAdmin(engine);
  }

  async sessions(query: z.output<typeof sessionsQuery>): Promise<Response> {
    const { answers, missing } = await this.#ask(questions.sessions, query, sessionsAnswer);
    const { items, total, next } = mergePages([...answers.values()], idOf, query.limit);
    return answer(200, { sessions: items, total, next, ...missing });
  }

  async rooms(query: z.output<typeof roomsQuery>): Promise<Response> {
    const { answers, missing } = await this.#ask(questions.rooms, query, roomsAnswer);
    const pages = [...answers.values()];
    const { items, next } = mergePages(pages, idOf, query.limit, together);
    const distinct = new Distinct();
    for (const page of pages) distinct.merge(page.distinct);
    const { total, isEstimate } = distinct.count();
    return answer(200, { rooms: items, total, ...(isEstimate && { total_is_estimate: true }), next, ...missing });
  }

  async disconnect(target: z.output<typeof disconnectBody>): Promise<Response> {
    const { answers, missing } = await this.#ask(questions.disconnect, target, disconnectAnswer);
    const disconnected = [...answers.values()].reduce((sum, count) => sum + count, 0);
    if (this.#engine.stats().bus === 'down') {
      const error = 'The bus is down: only sessions of this instance were disconnected';
      return errorAnswer(503, error, { disconnected, ...missing });
    }
    if ('instances_missing' in missing) {
      return errorAnswer(503, 'Not every instance says that it has done so: try again', { disconnected, ...missing });
    }
    return answer(200, { disconnected });
  }

  async #ask<Schema extends z.ZodType>(
    name: string,
    question: unknown,
    schema: Schema,
  ): Promise<Pick<Answers<z.output<Schema>>, 'answers'> & { missing: { instances_missing?: object[] } }> {
    const { answers, missing } = await this.#engine.cluster.ask(name, question, {
      timeoutMs: this.#timeoutMs,
      parse: (value) => schema.safeParse(value).data,
    });
    if (missing.size === 0) return { answers, missing: {} };
    const listed = [...missing].map(([instance, reason]) => ({ instance, reason }));
    this.#logger.warn({ question: name, missing: listed }, 'not every instance answers the admin API');
    return { answers, missing: { instances_missing: listed } };
  }
}

function together(one: DescribedRoom, other: DescribedRoom): DescribedRoom {
  return { id: one.id, members: one.members + other.members };
}

async function disconnect(everywhere: Everywhere, c: Context): Promise<Response> {
  const body = await readBody(c.req.raw, maxBodyBytes);
  if (body === undefined) return errorAnswer(413, `A body has at most ${maxBodyBytes} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return errorAnswer(400, 'The body is not JSON');
  }
  const parsed = disconnectBody.safeParse(value);
  return parsed.success ? everywhere.disconnect(parsed.data) : invalid(parsed.error);
}

function invalid(error: z.ZodError): Response {
  const issues = error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  return errorAnswer(400, 'The request is not valid', { issues });
}
