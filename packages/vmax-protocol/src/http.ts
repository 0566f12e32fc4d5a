import * as z from 'zod/mini';
import { expectation } from './issues.js';
import { maxEmailLength, maxPasswordLength } from './limits.js';

/** Where a user logs in, and where access is renewed. */
export const loginPath = '/api/v1/auth/login';
export const refreshPath = '/api/v1/auth/refresh';

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

const meta = z.looseObject({ timestamp: z.string(), requestId: z.string() });

/** Who has logged in. */
export const user = z.looseObject({
  id: z.string(),
  email: z.string(),
  role: z.string(),
  fleetId: z.nullable(z.string()),
  firstName: z.string(),
  lastName: z.string(),
});

/** The answer to a login and to a refresh. */
export const sessionAnswer = z.looseObject({
  data: z.looseObject({
    accessToken: z.string(),
    refreshToken: z.string(),
    tokenType: z.literal('Bearer'),
    /** Seconds until the access token expires. */
    expiresIn: z.number(),
    user,
  }),
  meta,
});

/** The answer to everything that went wrong. */
export const errorAnswer = z.looseObject({
  error: z.looseObject({
    code: z.string(),
    message: z.string(),
    details: z.optional(z.array(z.looseObject({ field: z.string(), message: z.string() }))),
  }),
  meta,
});

export type User = z.infer<typeof user>;
export type SessionAnswer = z.infer<typeof sessionAnswer>;
export type ErrorAnswer = z.infer<typeof errorAnswer>;

/** One bad field of a request. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** What went wrong, by code, with its HTTP status. */
export const httpErrors = {
  INVALID_CREDENTIALS: { status: 401, message: 'Invalid email or password' },
  INVALID_REFRESH_TOKEN: { status: 401, message: 'Invalid or expired refresh token' },
  TOKEN_REVOKED: { status: 403, message: 'The refresh token was revoked: log in again' },
  VALIDATION_ERROR: { status: 422, message: 'The request is not valid' },
  NOT_FOUND: { status: 404, message: 'There is nothing at this path' },
  RATE_LIMITED: { status: 429, message: 'Too many attempts: try again later' },
  BUSY: { status: 503, message: 'Too many logins at once: try again later' },
} as const;

export type HttpErrorCode = keyof typeof httpErrors;

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
