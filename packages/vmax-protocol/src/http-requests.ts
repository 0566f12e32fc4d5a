import * as z from 'zod/mini';
import { expectation } from './issues.js';
import { maxEmailLength, maxPasswordLength } from './limits.js';

const email = z
  .email({ error: 'expected an e-mail address' })
  .check(z.maxLength(maxEmailLength, { error: 'expected an e-mail address' }));
const passwordExpected = `expected a text of 1 to ${maxPasswordLength} characters`;
const password = z
  .string({ error: passwordExpected })
  .check(
    z.minLength(1, { error: passwordExpected, abort: true }),
    z.maxLength(maxPasswordLength, { error: passwordExpected }),
  );

export const loginRequest = z.object({ email, password });

export const refreshRequest = z.object({
  refreshToken: z
    .string({ error: 'expected a refresh token' })
    .check(z.minLength(1, { error: 'expected a refresh token' })),
});

export type LoginRequest = z.infer<typeof loginRequest>;
export type RefreshRequest = z.infer<typeof refreshRequest>;

/** One bad field of a request. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly details: readonly FieldProblem[] };

/** Checks the body of a login. Never throws, and never repeats what was sent: it may be a password. */
export function parseLogin(body: unknown): Checked<LoginRequest> {
  return check(loginRequest, body);
}

/** Checks the body of a refresh. Never throws, and never repeats what was sent. */
export function parseRefresh(body: unknown): Checked<RefreshRequest> {
  return check(refreshRequest, body);
}

function check<T>(schema: z.ZodMiniType<T>, body: unknown): Checked<T> {
  const parsed = z.safeParse(schema, body);
  if (parsed.success) return { ok: true, value: parsed.data };
  const details = parsed.error.issues.map((issue) => ({
    field: issue.path.map(String).join('.'),
    message: `expected ${expectation(issue)}`,
  }));
  return { ok: false, details };
}
