import { createServer } from 'node:http';
import { listen } from '@roomcast/testing';

/** A URL at which nobody listens. */
export async function unreachable(): Promise<string> {
  const listening = await listen(createServer());
  await listening.close();
  return listening.http;
}
