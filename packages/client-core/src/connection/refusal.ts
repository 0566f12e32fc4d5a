import { ConnectionRefusedError } from '../errors.js';

/** What an HTTP status, as the answer to a handshake, most likely means on a wire. */
export type RefusalCauses = Readonly<Record<number, string>>;

const usualCauses: RefusalCauses = {
  401: 'the token is missing or was not accepted',
  403: 'the server does not allow this origin, or the token',
  404: 'no WebSocket answers at this path',
  429: 'the server limits connections or refused attempts from this address',
  503: 'the server takes no more connections, or is restarting',
};

/** Whether waiting alone will not help: the token, the path or the origin has to change. */
export function isHopeless(status: number | undefined): boolean {
  return status === 401 || status === 403 || status === 404;
}

/**
 * The error of a connection that never came about: what happened and the likely cause.
 * @param where the URL without its query, which may hold a token
 */
export function refusalOf(
  where: string,
  status: number | undefined,
  cause: unknown,
  causes: RefusalCauses = {},
): ConnectionRefusedError {
  if (status !== undefined) {
    const likely = causes[status] ?? usualCauses[status];
    const message = `${where} refused the connection with HTTP ${status}${likely === undefined ? '' : `: ${likely}`}`;
    return new ConnectionRefusedError(message, { status, cause });
  }
  if (cause instanceof Error) {
    return new ConnectionRefusedError(`${where} could not be reached: ${said(cause)}`, { cause });
  }
  // Browsers tell scripts nothing more.
  const hint = 'check that the server runs at this URL and allows this origin';
  return new ConnectionRefusedError(`${where} refused the connection or could not be reached; ${hint}`, { cause });
}

/** Node reports a failed connection attempt to several addresses with an empty message and a code. */
function said(error: Error): string {
  return error.message || String(Reflect.get(error, 'code') ?? error.name);
}

/** A URL as it may be shown. */
export function withoutQuery(url: string): string {
  const { origin, host, protocol, pathname } = new URL(url);
  // Platforms differ in whether the schemes of WebSockets have an origin.
  return `${origin === 'null' ? `${protocol}//${host}` : origin}${pathname}`;
}
