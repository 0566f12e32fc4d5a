import {
  ClientClosedError,
  type ClientError,
  type Clock,
  ProtocolError,
  refusalOf,
  TimeoutError,
} from '@roomcast/client-core';
import { errorAnswer, type LoginRequest, loginPath, refreshPath, sessionAnswer } from '@roomcast/vmax-protocol';
import { ApiError } from './errors.js';

export type Fetch = typeof globalThis.fetch;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Milliseconds from now until the access token expires. */
  readonly expiresInMs: number;
}

export interface ApiOptions {
  readonly apiUrl: string;
  readonly fetch: Fetch;
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** The HTTP side of the server. Whatever goes wrong is one of the client's errors. */
export class Api {
  readonly #open = new Set<AbortController>();
  #isClosed = false;

  constructor(private readonly options: ApiOptions) {}

  login(body: LoginRequest): Promise<Tokens> {
    return this.#tokens(loginPath, body);
  }

  /** The refresh token is used up by this, whatever becomes of the answer. */
  refresh(refreshToken: string): Promise<Tokens> {
    return this.#tokens(refreshPath, { refreshToken });
  }

  get url(): string {
    return this.options.apiUrl;
  }

  /** What a GET is answered with: the HTTP status, or 0 where browsers hide it. */
  async statusOf(path: string, init: Pick<RequestInit, 'mode'> = {}): Promise<number> {
    return (await this.#request(path, `GET ${path}`, init)).status;
  }

  /** Gives up what is under way. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#open) controller.abort();
  }

  async #tokens(path: string, body: object): Promise<Tokens> {
    const operation = `POST ${path}`;
    const { status, json } = await this.#request(path, operation, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (status < 200 || status > 299) {
      const { data } = errorAnswer.safeParse(json);
      throw new ApiError(operation, status, data?.error.code, data?.error.message);
    }
    const parsed = sessionAnswer.safeParse(json);
    if (!parsed.success) throw new ProtocolError(`an answer to ${operation}`, issuesOf(parsed.error.issues));
    const { accessToken, refreshToken, expiresIn } = parsed.data.data;
    return { accessToken, refreshToken, expiresInMs: expiresIn * 1000 };
  }

  async #request(path: string, operation: string, init: RequestInit): Promise<{ status: number; json: unknown }> {
    const { apiUrl, fetch, timeoutMs, clock } = this.options;
    if (this.#isClosed) throw new ClientClosedError();
    const controller = new AbortController();
    let isLate = false;
    const cancel = clock.after(timeoutMs, () => {
      isLate = true;
      controller.abort();
    });
    this.#open.add(controller);
    try {
      const response = await fetch(`${apiUrl}${path}`, { ...init, signal: controller.signal });
      const text = await response.text();
      return { status: response.status, json: parseJson(text) };
    } catch (cause) {
      throw isLate ? new TimeoutError(operation, timeoutMs) : failure(`${apiUrl}${path}`, cause);
    } finally {
      cancel();
      this.#open.delete(controller);
    }
  }
}

/** Undefined where it is none, as with the pages that proxies answer with. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failure(where: string, error: unknown): ClientError {
  // Node's fetch says only "fetch failed", and why in the cause.
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return refusalOf(where, undefined, cause);
}

function issuesOf(issues: readonly { readonly path: readonly PropertyKey[] }[]) {
  return issues.map(({ path }) => ({ path: path.map(String).join('.'), message: 'is not what was expected' }));
}
