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

/** The envelope in a message of the bus, or undefined where it is none of ours. Never throws. */
export function parseEnvelope(text: string): Envelope | undefined {
  const value = parseJsonObject(text);
  if (value === undefined || !('event' in value)) return undefined;
  const { version, from, epoch, sequence, repeats, event } = value;
  if (version !== 1 || typeof from !== 'string' || typeof epoch !== 'string') return undefined;
  if (!isNumber(sequence) || (repeats !== undefined && !isNumbers(repeats))) return undefined;
  return { version, from, epoch, sequence, repeats, event };
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isNumber);
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}
