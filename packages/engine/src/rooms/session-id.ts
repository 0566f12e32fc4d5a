import { randomUUID } from 'node:crypto';

/**
 * A UUID, as one flat string: what `randomUUID` returns is a rope of fourteen pieces, and a session that kept it would
 * pay 450 bytes for it.
 */
export function newSessionId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1');
}
