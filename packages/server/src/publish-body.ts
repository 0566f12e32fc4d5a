import type { Gateway, Issue, Spread } from '@roomcast/engine';
import { Slices } from './slices.js';

export interface BodyLimits {
  /** Events in one body. */
  maxEvents: number;
  /** How long one body may hold the event loop at a time, in milliseconds. */
  sliceMs: number;
}

export type PublishingGateway = Pick<Gateway, 'parse' | 'prepare' | 'publish'>;

/** What became of a body: its events are on their way, or nothing was published. */
export type BodyOutcome =
  | { readonly kind: 'published'; readonly accepted: number; readonly spreads: readonly Spread[] }
  | {
      readonly kind: 'refused';
      readonly status: 400 | 413;
      readonly error: string;
      readonly issues?: readonly Issue[];
    };

/** A body of a thousand broken events would else be answered with megabytes. */
const maxIssues = 1000;

/** Levels of nesting in an event. What is much deeper than any real event would exhaust the stack of those who write it. */
const maxDepth = 64;
const tooDeep = {
  ok: false,
  issues: [{ path: '', message: `expected at most ${maxDepth} levels of nesting` }],
} as const;

/** Publishes the events of one body, all or none of them: one event or an array, as JSON text. */
export async function publishBody(gateway: PublishingGateway, text: string, limits: BodyLimits): Promise<BodyOutcome> {
  const slices = new Slices(limits.sliceMs);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return notJson;
  }
  const inputs: readonly unknown[] = Array.isArray(value) ? value : [value];
  const { maxEvents } = limits;
  if (inputs.length > maxEvents) {
    return { kind: 'refused', status: 413, error: `A request has at most ${maxEvents} events` };
  }
  const { events, issues } = await parse(gateway, inputs, slices);
  if (issues.length > 0) {
    return { kind: 'refused', status: 400, error: 'Nothing was published: not every event is valid', issues };
  }
  const spreads: Spread[] = [];
  for (const event of gateway.prepare?.(events) ?? events) {
    if (slices.over) await slices.next();
    spreads.push(gateway.publish(event));
  }
  return { kind: 'published', accepted: events.length, spreads };
}

export const notJson: BodyOutcome = { kind: 'refused', status: 400, error: 'The body is not JSON in UTF-8' };

async function parse(
  gateway: PublishingGateway,
  inputs: readonly unknown[],
  slices: Slices,
): Promise<{ events: unknown[]; issues: Issue[] }> {
  const events: unknown[] = [];
  const issues: Issue[] = [];
  for (const [index, input] of inputs.entries()) {
    if (slices.over) await slices.next();
    const parsed = isTooDeep(input, maxDepth) ? tooDeep : gateway.parse(input);
    if (parsed.ok) {
      events.push(parsed.event);
      continue;
    }
    for (const { path, message } of parsed.issues) {
      if (issues.length === maxIssues) return { events, issues };
      issues.push({ path: path === '' ? `${index}` : `${index}.${path}`, message });
    }
  }
  return { events, issues };
}

function isTooDeep(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isTooDeep(part, levels - 1));
}
