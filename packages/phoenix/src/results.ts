/** An answer to the client: a status that its `receive(status, …)` callbacks are called for, and what they are given. */
export interface Answer<Status extends string = string> {
  readonly status: Status;
  /** A JSON value, an `EncodedJson`, or bytes. */
  readonly response: unknown;
}

/** - `normal`, `shutdown`: the client is told `phx_close`. - `error`: it is told `phx_error` and joins again. */
export type StopReason = 'normal' | 'shutdown' | 'error';

/** The channel ends, after an answer where there is one. */
export interface Stop {
  readonly stop: StopReason;
  readonly answer: Answer | undefined;
}

/** What joining comes to: `ok(…)` lets the client in, `error(…)` does not. */
export type JoinResult = Answer<'ok' | 'error'>;

/** What handling an event comes to: an answer, the channel's end, or nothing, which the client does not hear of. */
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that answers nothing has no return statement.
export type HandlerResult = Answer | Stop | undefined | void;

export function ok(response: unknown = {}): Answer<'ok'> {
  return { status: 'ok', response };
}

/** Clients expect `{ reason }`. */
export function error(response: unknown = {}): Answer<'error'> {
  return { status: 'error', response };
}

/** An answer with a status of the application's own. */
export function reply(status: string, response: unknown = {}): Answer {
  return { status, response };
}

export function stop(reason: StopReason = 'normal', answer?: Answer): Stop {
  return { stop: reason, answer };
}
