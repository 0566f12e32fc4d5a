import { Refusal } from '@roomcast/engine';

const json = { 'Content-Type': 'application/json; charset=utf-8' };
const cacheControl = { 'Cache-Control': 'max-age=0, private, must-revalidate' };

/** A refusal in the form it is sent in. */
export class PhoenixRefusal extends Refusal {
  constructor(status: number, body = '', headers: Readonly<Record<string, string>> = {}) {
    super(status, body, { ...cacheControl, ...headers });
  }
}

/** What Phoenix answers to a connection it does not want: no word why. */
export const forbidden = new PhoenixRefusal(403);

/** Errors have the body that a new Phoenix application gives them. */
export const badRequest = new PhoenixRefusal(400, '{"errors":{"detail":"Bad Request"}}', json);
const serverError = new PhoenixRefusal(500, '{"errors":{"detail":"Internal Server Error"}}', json);

/** An application's own refusal, sent as it is. */
export function chosen({ status, body, headers }: Refusal): PhoenixRefusal {
  return new PhoenixRefusal(status, body, headers);
}

/** A refusal by the engine (origin, limits, a failure) in Phoenix's form; those Phoenix does not know keep their text. */
export function inPhoenixForm(refusal: Refusal): PhoenixRefusal {
  if (refusal instanceof PhoenixRefusal) return refusal;
  if (refusal.status === 403) return forbidden;
  return refusal.status === 500 ? serverError : chosen(refusal);
}
