import { parseJsonObject } from '../json.js';

/**
 * What travels on the bus: an event with who published it and where it stands in that publisher's order.
 * `epoch` names one run of numbers; `sequence` counts from 1 within it.
 */
export interface Envelope {
  readonly version: 1;
  readonly from: string;
  readonly epoch: string;
  readonly sequence: number;
  /** The numbers of the same epoch under which it was published before, by a publisher who does not know how far it got. */
  readonly repeats?: readonly number[] | undefined;
  readonly event: unknown;
}

/** Where a publisher has got to, for those that would otherwise learn of a loss only with the next event. */
export interface Mark {
  readonly version: 1;
  readonly from: string;
  readonly epoch: string;
  /** The last number of the epoch. */
  readonly sequence: number;
  /** How long ago the first and the last of the epoch were published, in milliseconds. */
  readonly mark: { readonly firstAgoMs: number; readonly lastAgoMs: number };
}

/** Asks every publisher for the marks of the topics it has published to lately. */
export interface Ask {
  readonly version: 1;
  readonly from: string;
  readonly ask: { readonly withinMs: number };
}

/** What every envelope of an instance begins with: enough to tell its own, which some buses bring back. */
export function beginning(from: string): string {
  return `{"version":1,"from":${JSON.stringify(from)},`;
}

/** What travels by a topic, or undefined where a text of the bus is none of ours. Never throws. */
export function parseEnvelope(text: string): Envelope | Mark | Ask | undefined {
  const value = parseJsonObject(text);
  if (value === undefined) return undefined;
  const { version, from, epoch, sequence, repeats, event, mark, ask } = value;
  if (version !== 1 || typeof from !== 'string') return undefined;
  if (ask !== undefined) {
    const { withinMs } = Object(ask) as Record<string, unknown>;
    return isDuration(withinMs) ? { version, from, ask: { withinMs } } : undefined;
  }
  if (typeof epoch !== 'string' || !isNumber(sequence)) return undefined;
  if (mark !== undefined) {
    const { firstAgoMs, lastAgoMs } = Object(mark) as Record<string, unknown>;
    if (!isDuration(firstAgoMs) || !isDuration(lastAgoMs)) return undefined;
    return { version, from, epoch, sequence, mark: { firstAgoMs, lastAgoMs } };
  }
  if (!('event' in value) || (repeats !== undefined && !areNumbers(repeats))) return undefined;
  return { version, from, epoch, sequence, repeats, event };
}

function isDuration(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** Whether they are numbers of one epoch, in the order in which they were given. */
function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((number, at) => isNumber(number) && (at === 0 || number > value[at - 1]));
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
