/** What instances tell each other about themselves. `from` is the instance that speaks. */
export type ClusterMessage = { readonly from: string } & (
  | { readonly kind: 'beat'; readonly shares: Readonly<Record<string, number>> }
  | { readonly kind: 'bye' }
  | { readonly kind: 'want'; readonly to: string; readonly share: string }
  | {
      /** All of a share, or what has changed since the version before. A null value: the key is gone. */
      readonly kind: 'full' | 'delta';
      readonly share: string;
      readonly version: number;
      readonly entries: readonly (readonly [key: string, value: unknown])[];
    }
);

function isRecordOfNumbers(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((entry) => typeof entry === 'number')
  );
}

function isEntries(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string');
}

/** The message in a text of the bus, or undefined where it is none. Never throws. */
export function parseClusterMessage(text: string): ClusterMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const message = value as Record<string, unknown>;
  if (typeof message.from !== 'string') return undefined;
  switch (message.kind) {
    case 'beat':
      return isRecordOfNumbers(message.shares) ? (value as ClusterMessage) : undefined;
    case 'bye':
      return value as ClusterMessage;
    case 'want':
      return typeof message.to === 'string' && typeof message.share === 'string'
        ? (value as ClusterMessage)
        : undefined;
    case 'full':
    case 'delta':
      return typeof message.share === 'string' && Number.isSafeInteger(message.version) && isEntries(message.entries)
        ? (value as ClusterMessage)
        : undefined;
    default:
      return undefined;
  }
}
