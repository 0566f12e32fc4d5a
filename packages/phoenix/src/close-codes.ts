import type { CloseReason, Situation } from '@roomcast/engine';

/** A frame that is none of the protocol's ends the connection. */
export const malformed: CloseReason = { code: 1011, reason: '' };

/**
 * The closes of situations that Phoenix knows too; it never gives a reason. Idle connections get 1001 and not the
 * original's 1000 (cowboy) or 1002 (Bandit): official clients before 1.8.16 do not come back after 1000.
 */
const closes: Partial<Record<Situation, CloseReason>> = {
  idle: { code: 1001, reason: '' },
  disconnected: { code: 1001, reason: '' },
  failure: malformed,
  restart: { code: 1012, reason: '' },
};

/** How a session is closed for a reason of the engine's; undefined leaves it to the engine. */
export function closeOf(situation: Situation): CloseReason | undefined {
  return closes[situation];
}
