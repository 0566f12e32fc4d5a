import { errors } from '@nats-io/transport-node';
import { BusDownError, BusRefusedError } from '@roomcast/engine';

const tlsCode = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|HOSTNAME_MISMATCH)/;

/** An error of the client in one line that says what is wrong and holds no credential. */
export function explain(where: string, error: unknown): BusDownError {
  if (error instanceof BusDownError) return error;
  const { message = String(error), code = '' } = (error ?? new Error('the server closed the connection')) as Error & {
    code?: string;
  };
  const refused = (meaning: string) => new BusRefusedError(`${where} ${meaning}`, { cause: error });
  if (error instanceof errors.AuthorizationError) return refused('refuses the user, the password or the token');
  if (error instanceof errors.UserAuthenticationExpiredError) return refused('says that the credentials have expired');
  if (/does not support 'tls'/.test(message)) return refused('has no TLS: take a nats:// URL');
  if (tlsCode.test(code)) return refused(`can not be trusted: TLS failed: ${firstLine(message)}`);
  if (error instanceof errors.TimeoutError)
    return new BusDownError(`${where} did not answer in time`, { cause: error });
  return new BusDownError(`${where}: ${firstLine(message) || code}`, { cause: error });
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').trim();
}
