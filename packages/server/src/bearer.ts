import { apiTokens } from '@roomcast/engine/identity';
import { errorAnswer } from './answers.js';

/** Undefined when the request has the token, else the answer to it. */
export type BearerCheck = (request: Pick<Request, 'headers'>) => Response | undefined;

const bearer = /^Bearer +(\S+) *$/i;

/** What every 401 says of how to do better. */
export const challenge = { 'WWW-Authenticate': 'Bearer' } as const;

/** Reads `Authorization` headers: undefined when one has the token, else what is wrong. Compares in constant time. */
export function authorizes(token: string): (authorization: string | null | undefined) => string | undefined {
  const tokens = apiTokens([token]);
  return (authorization) => {
    const given = bearer.exec(authorization ?? '')?.[1];
    if (given === undefined) return 'Authorization: Bearer <token> is missing';
    return tokens.verify(given) === undefined ? 'The token was refused' : undefined;
  };
}

/** Asks for `Authorization: Bearer <token>`. The token is compared in constant time. */
export function bearerCheck(token: string): BearerCheck {
  const problemOf = authorizes(token);
  return ({ headers }) => {
    const problem = problemOf(headers.get('authorization'));
    return problem === undefined ? undefined : errorAnswer(401, problem, {}, challenge);
  };
}
