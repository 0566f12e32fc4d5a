import { ConnectionRefusedError } from '@roomcast/client-core';

const likelyCauses: Record<number, string> = {
  401: 'the token is missing or was not accepted',
  403: 'the token is missing, shorter than 8 characters or unknown to the server, or the server does not allow this origin',
  404: 'no socket answers at this path; expected one that ends in /socket',
  429: 'the server limits connections or refused attempts from this address',
  503: 'the server takes no more connections, or is restarting',
};

/** Whether waiting alone will not help: the token, the path or the origin has to change. */
export function isHopeless(status: number | undefined): boolean {
  return status === 401 || status === 403 || status === 404;
}

/** The error of a connection that never came about: what happened and the likely cause. `where` carries no token. */
export function refusalOf(where: string, status: number | undefined, cause: unknown): ConnectionRefusedError {
  if (status !== undefined) {
    const likely = likelyCauses[status];
    const message = `${where} refused the connection with HTTP ${status}${likely === undefined ? '' : `: ${likely}`}`;
    return new ConnectionRefusedError(message, { status, cause });
  }
  if (cause instanceof Error) {
    return new ConnectionRefusedError(`${where} could not be reached: ${said(cause)}`, { cause });
  }
  // Browsers tell scripts nothing more.
  const hint = 'check that the server runs at this URL, knows the token and allows this origin';
  return new ConnectionRefusedError(`${where} refused the connection or could not be reached; ${hint}`, { cause });
}

/** Node reports a failed connection attempt to several addresses with an empty message and a code. */
function said(error: Error): string {
  return error.message || String(Reflect.get(error, 'code') ?? error.name);
}
