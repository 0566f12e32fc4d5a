/** What a platform tells of a transport that did not get through. */
export interface TransportFailure {
  /** The HTTP status of a refusal, where the platform tells it. */
  readonly status: number | undefined;
  /** How long the server wants to be left alone, where it wants to. */
  readonly retryAfterMs: number | undefined;
  /** The server's words, where it has some. */
  readonly words: string | undefined;
  readonly cause: unknown;
}

/** Longer than this no server is left alone. */
const maxRetryAfterMs = 3_600_000;

/** Attempts are counted by the minute; WebSockets in Node do not tell for how long one is refused. */
const tooManyAttempts = { status: 429, retryAfterMs: 60_000 };

/**
 * Reads an error of Socket.IO's transports. Polling carries the status and the request, WebSockets in Node an error
 * event whose message ends in the status; in browsers they tell nothing.
 */
export function failureOf(error: unknown): TransportFailure {
  const { description, context } = recordOf(error);
  const event = recordOf(description);
  const request = recordOf(context);
  const said = /^Unexpected server response: (\d{3})$/.exec(String(event.message))?.[1];
  const status = Number(said ?? description) || undefined;
  const cause = [event.error, request.statusText, error].find((one) => one instanceof Error);
  return {
    status,
    // In Node, a request without an answer throws when it is asked for a header of it.
    retryAfterMs: status === undefined ? undefined : (retryAfterOf(context) ?? defaultRetryAfter(status)),
    words: wordsOf(request.responseText),
    cause,
  };
}

function retryAfterOf(request: unknown): number | undefined {
  const { getResponseHeader } = recordOf(request);
  if (typeof getResponseHeader !== 'function') return undefined;
  const seconds = Number(getResponseHeader.call(request, 'Retry-After') ?? Number.NaN);
  return seconds > 0 ? Math.min(maxRetryAfterMs, seconds * 1000) : undefined;
}

function defaultRetryAfter(status: number): number | undefined {
  return status === tooManyAttempts.status ? tooManyAttempts.retryAfterMs : undefined;
}

/** Engine.IO refuses with `{code, message}`. */
function wordsOf(body: unknown): string | undefined {
  if (typeof body !== 'string') return undefined;
  try {
    const { message } = recordOf(JSON.parse(body));
    return typeof message === 'string' ? message.slice(0, 200) : undefined;
  } catch {
    // Whatever stands before the server answers in its own way.
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
