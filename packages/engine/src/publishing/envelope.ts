/**
 * What travels on the bus: an event with who published it and where it stands in that publisher's order.
 * `epoch` names one run of numbers; `sequence` counts from 1 within it.
 */
export interface Envelope {
  readonly version: 1;
  readonly from: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly event: unknown;
}

/** The envelope in a message of the bus, or undefined where it is none of ours. Never throws. */
export function parseEnvelope(text: string): Envelope | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, from, epoch, sequence } = value as Record<string, unknown>;
  const valid =
    version === 1 &&
    typeof from === 'string' &&
    typeof epoch === 'string' &&
    Number.isSafeInteger(sequence) &&
    (sequence as number) > 0 &&
    'event' in value;
  return valid ? (value as Envelope) : undefined;
}
