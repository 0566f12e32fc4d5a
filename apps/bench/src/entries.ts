import { fileURLToPath } from 'node:url';

/** A program that stands beside this file: TypeScript in the sources, JavaScript when built. */
export function entry(name: 'server' | 'loader' | 'bun-publish'): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./${name}.${extension}`, import.meta.url));
}

/** Real killmails, one JSON text a line. */
export const killmailsFile = fileURLToPath(new URL('../../killmails-server/data/killmails.jsonl', import.meta.url));
/** Where results go unless the user says otherwise, and where the certificate is that TLS is measured with. */
export const resultsFolder = fileURLToPath(new URL('../results', import.meta.url));
export const tlsFolder = fileURLToPath(new URL('../tls', import.meta.url));
