import { randomUUID } from 'node:crypto';
import { type FieldProblem, type HttpErrorCode, httpErrors } from '@roomcast/vmax-protocol';

/** `{data, meta}`. @param now milliseconds since the epoch */
export function dataAnswer(data: object, now: number): Response {
  return answer(200, { data }, now);
}

export interface ErrorOptions {
  details?: readonly FieldProblem[];
  /** Seconds, for the header `Retry-After`. */
  retryAfter?: number;
}

/** `{error: {code, message, details?}, meta}`, with the status of the code. */
export function errorAnswer(code: HttpErrorCode, now: number, { details, retryAfter }: ErrorOptions = {}): Response {
  const { status, message } = httpErrors[code];
  const headers: Record<string, string> = retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) };
  return answer(status, { error: { code, message, ...(details === undefined ? {} : { details }) } }, now, headers);
}

function answer(status: number, body: object, now: number, headers: Readonly<Record<string, string>> = {}): Response {
  const meta = { timestamp: new Date(now).toISOString(), requestId: randomUUID() };
  return Response.json({ ...body, meta }, { status, headers });
}
