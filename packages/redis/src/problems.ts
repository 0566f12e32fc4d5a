import { BusDownError, BusRefusedError } from '@roomcast/engine';

/** What somebody has to change; other problems may pass by themselves. */
const refusals: readonly [pattern: RegExp, meaning: string][] = [
  [/^WRONGPASS|invalid password|invalid username-password/i, 'refuses the user name or the password'],
  [/^NOAUTH|Authentication required/i, 'asks for a password, and the URL has none'],
  [/without any password configured/i, 'has no password set, and the URL has one'],
  [/^NOPERM/i, 'does not let this user do what is needed (ACL: pub/sub on roomcast.*, ping, hello)'],
  [/DB index is out of range/i, 'does not have the database of the URL'],
  [/cluster support disabled/i, 'is no cluster: take a redis:// URL'],
  [/unknown command.*SENTINEL/i, 'is no sentinel: take a redis:// URL'],
];

const tlsCode = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;

/** An error of the client in one line that says what is wrong and holds no credential. */
export function explain(where: string, error: unknown): BusDownError {
  if (error instanceof BusDownError) return error;
  const { message = String(error), code = '' } = error as NodeJS.ErrnoException;
  const refusal = refusals.find(([pattern]) => pattern.test(message));
  if (refusal !== undefined) return new BusRefusedError(`${where} ${refusal[1]}`, { cause: error });
  if (tlsCode.test(code))
    return new BusRefusedError(`${where}: TLS failed: ${tlsProblem(message, code)}`, { cause: error });
  if (/unknown RESP type/i.test(message)) {
    return new BusRefusedError(`${where} does not speak Redis's protocol (does it want TLS?)`, { cause: error });
  }
  return new BusDownError(`${where}: ${firstLine(message) || code}`, { cause: error });
}

function tlsProblem(message: string, code: string): string {
  return /wrong version number|packet length too long/i.test(message)
    ? 'the server does not speak it'
    : firstLine(message) || code;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').trim();
}
