import { turns } from '@roomcast/testing';
import type { Session } from '../../src/index.js';
import { json, type RawData, type RawServer } from './raw-wire.js';

const filler = json({ t: 'filler', data: 'x'.repeat(32_000) });

/**
 * Sends to a session whose client does not read until its socket holds bytes back. How much the kernel takes before
 * that differs from machine to machine. Returns how many fillers were sent.
 */
export async function block(server: RawServer, session: Session<RawData>): Promise<number> {
  const before = server.engine.stats().blockedSessions;
  for (let sent = 1; sent <= 2000; sent++) {
    session.send(filler);
    await turns(1);
    if (server.engine.stats().blockedSessions > before) return sent;
  }
  throw new Error('the socket still takes more than 60 MB: does the client read?');
}

/** Whether a message is one that `block` sent. */
export function isFiller(message: unknown): boolean {
  return (message as { t?: string }).t === 'filler';
}
