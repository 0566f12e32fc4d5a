import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Logger } from '@roomcast/engine';
import { EnvironmentError } from './errors.js';

/** A certificate chain and its key, in PEM. */
export interface TlsFiles {
  cert: Buffer;
  key: Buffer;
}

/**
 * Reads `TLS_CERT_FILE` and `TLS_KEY_FILE`; undefined where they are not set. Throws `EnvironmentError` naming the
 * variable of a file that can't be read or used.
 */
export function readTls(env: { TLS_CERT_FILE?: string; TLS_KEY_FILE?: string }): TlsFiles | undefined {
  if (env.TLS_CERT_FILE === undefined || env.TLS_KEY_FILE === undefined) return undefined;
  const cert = read('TLS_CERT_FILE', env.TLS_CERT_FILE);
  const key = read('TLS_KEY_FILE', env.TLS_KEY_FILE);
  try {
    createSecureContext({ cert });
  } catch (error) {
    throw EnvironmentError.of('TLS_CERT_FILE', 'expected a certificate in PEM', { cause: error });
  }
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw EnvironmentError.of('TLS_KEY_FILE', 'expected the key of the certificate, in PEM', { cause: error });
  }
  return { cert, key };
}

function read(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw EnvironmentError.of(variable, `expected a file that can be read, got ${code} at ${path}`, { cause: error });
  }
}

/** Whether only programs of this machine can reach the address. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** Tokens cross a plain listener in the clear. Behind a proxy that speaks TLS that is as it should be. */
export function warnOfPlainListener(host: string, logger: Logger): void {
  if (isLoopback(host)) return;
  logger.warn({ host }, 'listening without TLS on an address that is not loopback: tokens cross the network readable');
}
