import { toIssues } from './issues.js';
import type { Result } from './result.js';
import { type ServerEventName, type ServerEvents, serverEvents } from './server-events.js';

/**
 * Checks the data of an event, as a client that got it or as a server about to send it: what comes out has exactly the
 * documented fields, whatever went in. Never throws.
 */
export function parseServerEvent<Name extends ServerEventName>(name: Name, data: unknown): Result<ServerEvents[Name]> {
  const parsed = serverEvents[name].safeParse(data);
  if (!parsed.success) return { ok: false, issues: toIssues(parsed.error.issues, data) };
  // The schema was chosen by the name, which the compiler can't follow.
  return { ok: true, value: parsed.data as ServerEvents[Name] };
}

/** Only what the protocol documents of an event; undefined where that is not all there. Never throws. */
export function sanitise<Name extends ServerEventName>(name: Name, data: unknown): ServerEvents[Name] | undefined {
  const parsed = parseServerEvent(name, data);
  return parsed.ok ? parsed.value : undefined;
}
