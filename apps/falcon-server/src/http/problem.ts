import { STATUS_CODES } from 'node:http';
import type { ProblemAnswer } from '@roomcast/falcon-protocol';

interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** The answer to a request that failed, as RFC 9457 has it. */
export function problem(
  status: number,
  detail: string,
  errors?: readonly FieldProblem[],
  headers: Readonly<Record<string, string>> = {},
): Response {
  const title = STATUS_CODES[status] ?? 'Error';
  const body: ProblemAnswer = { type: 'about:blank', title, status, detail, ...(errors && { errors }) };
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
  });
}
