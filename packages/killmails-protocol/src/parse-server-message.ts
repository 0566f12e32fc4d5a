import * as z from 'zod/mini';
import { complete } from './complete.js';
import { type Killmail, killmail, missingPairs } from './entities.js';
import { toIssues } from './issues.js';
import type { Issue, Result } from './result.js';
import {
  errorReply,
  type KillCountUpdate,
  type KillmailUpdate,
  type Replies,
  replies,
  serverEvents,
} from './server-messages.js';

export interface ParsedUpdate {
  readonly update: KillmailUpdate;
  /** What was wrong with kills that are therefore missing in `update.killmails`; empty if none. */
  readonly leftOut: readonly Issue[];
}

/** Everything of a `killmail_update` but its kills, which are checked one by one. */
const updateEnvelope = z.looseObject({ ...serverEvents.killmail_update.shape, killmails: z.array(z.unknown()) });

/**
 * Checks a `killmail_update` from a server, ours or another. Never throws. One broken kill does not take the others
 * with it: it is left out and told. Fields the protocol does not know stay.
 */
export function parseKillmailUpdate(payload: unknown): Result<ParsedUpdate> {
  const envelope = updateEnvelope.safeParse(payload);
  if (!envelope.success) return { ok: false, issues: toIssues(envelope.error.issues, payload) };
  const killmails: Killmail[] = [];
  const leftOut: Issue[] = [];
  for (const [index, candidate] of envelope.data.killmails.entries()) {
    const checked = parseWireKillmail(candidate);
    if (checked.ok) killmails.push(checked.value);
    else leftOut.push(...checked.issues.map((issue) => within(`killmails.${index}`, issue)));
  }
  const { system_id, timestamp, preload } = envelope.data;
  const update = { ...envelope.data, system_id, killmails, timestamp, preload: preload ?? false };
  return { ok: true, value: { update, leftOut } };
}

/** Checks a `kill_count_update` from a server. Never throws. */
export function parseKillCountUpdate(payload: unknown): Result<KillCountUpdate> {
  return parseWith(serverEvents.kill_count_update, payload);
}

/** Checks the response of an ok reply to a client event. Never throws. */
export function parseReply<E extends keyof Replies>(event: E, response: unknown): Result<Replies[E]> {
  const schema: z.ZodMiniType<Replies[E]> = replies[event];
  return parseWith(schema, response);
}

/** What an error reply says, whatever its shape: a server may crash with anything. */
export function reasonOf(response: unknown): string {
  const parsed = errorReply.safeParse(response);
  if (parsed.success) return parsed.data.reason;
  return typeof response === 'string' ? response : 'no reason given';
}

function parseWireKillmail(candidate: unknown): Result<Killmail> {
  const parsed = parseWith(killmail, candidate);
  if (!parsed.ok) return parsed;
  const missing = missingPairs(parsed.value);
  return missing.length > 0 ? { ok: false, issues: missing } : { ok: true, value: complete(parsed.value) };
}

function parseWith<T>(schema: z.ZodMiniType<T>, value: unknown): Result<T> {
  const parsed = z.safeParse(schema, value);
  return parsed.success
    ? { ok: true, value: parsed.data }
    : { ok: false, issues: toIssues(parsed.error.issues, value) };
}

function within(prefix: string, { path, message }: Issue): Issue {
  return { path: path === '' ? prefix : `${prefix}.${path}`, message };
}
