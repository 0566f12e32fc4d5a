import { apiTokens } from '@roomcast/engine/identity';
import { errorAnswer } from './answers.js';

/** Undefined when the request has the token, else the answer to it. */
export type BearerCheck = (request: Pick<Request, 'headers'>) => Response | undefined;

const bearer = /^Bearer +(\S+) *$/i;

/** Asks for `Authorization: Bearer <token>`. The token is compared in constant time. */
export function bearerCheck(token: string): BearerCheck {
  const tokens = apiTokens([token]);
  return ({ headers }) => {
    const given = bearer.exec(headers.get('authorization') ?? '')?.[1];
    if (given !== undefined && tokens.verify(given) !== undefined) return undefined;
    const error = given === undefined ? 'Authorization: Bearer <token> is missing' : 'The token was refused';
    return errorAnswer(401, error, {}, { 'WWW-Authenticate': 'Bearer' });
  };
}
