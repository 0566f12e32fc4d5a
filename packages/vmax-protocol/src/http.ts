import * as z from 'zod/mini';

/** Where a user logs in, and where access is renewed. */
export const loginPath = '/api/v1/auth/login';
export const refreshPath = '/api/v1/auth/refresh';

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
