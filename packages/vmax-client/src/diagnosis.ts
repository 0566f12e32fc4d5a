import { ConnectionRefusedError, type ConnectionRefusedError as Refused } from '@roomcast/client-core';
import type { Api } from './api.js';

export const refusals: Readonly<Record<number, string>> = {
  200: 'no WebSocket answers at this path; expected one that ends in /ws',
  403: 'the server does not allow this origin',
  404: 'no WebSocket answers at this path; expected one that ends in /ws',
  426: 'no WebSocket answers at this path; expected one that ends in /ws',
};

const healthPath = '/health';

/**
 * Browsers do not tell scripts why a WebSocket was refused, but whether the same server answers over HTTP narrows it
 * down. Gives back the error itself where it says enough.
 */
export async function explain(error: Refused, api: Pick<Api, 'url' | 'statusOf'>): Promise<Refused> {
  if (error.status !== undefined || error.cause instanceof Error) return error;
  return new ConnectionRefusedError(`${error.message}; ${await findOut(api)}`, { cause: error.cause });
}

async function findOut(api: Pick<Api, 'url' | 'statusOf'>): Promise<string> {
  const url = `${api.url}${healthPath}`;
  try {
    const status = await api.statusOf(healthPath);
    return status >= 200 && status < 300
      ? `the server is up (${url} answers), so it has no WebSocket at this path, takes no more connections or does not allow this origin`
      : `${url} answers with HTTP ${status}: this may be another server`;
  } catch {
    // Whether there is an answer at all can be learnt even where it may not be read.
  }
  try {
    await api.statusOf(healthPath, { mode: 'no-cors' });
    return `${url} answers, but this page may not read it: the server does not allow this origin`;
  } catch {
    return `${url} does not answer either: there is no server, or no way to it`;
  }
}
