import { parseJsonObject } from '../json.js';

/** A key of a share with its value. A null value: the key is gone. */
export type ShareEntry = readonly [key: string, value: unknown];

/** What instances tell each other about themselves. `from` is the instance that speaks. */
export type ClusterMessage = { readonly from: string } & (
  | { readonly kind: 'beat'; readonly shares: Readonly<Record<string, number>> }
  | { readonly kind: 'bye' }
  | { readonly kind: 'want'; readonly share: string }
  | {
      /** A part of a whole share; a share of any size travels in `parts` messages of a bounded one. */
      readonly kind: 'full';
      readonly share: string;
      readonly version: number;
      readonly part: number;
      readonly parts: number;
      readonly entries: readonly ShareEntry[];
    }
  | {
      /** What has changed since the version before. */
      readonly kind: 'delta';
      readonly share: string;
      readonly version: number;
      readonly entries: readonly ShareEntry[];
    }
  | { readonly kind: 'tell'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'ask'; readonly id: string; readonly name: string; readonly question: unknown }
  | { readonly kind: 'answer'; readonly id: string; readonly value: unknown }
  | { readonly kind: 'no-answer'; readonly id: string; readonly reason: string }
);

/** Messages without the sender, which is always this instance. */
export type Outgoing = ClusterMessage extends infer Message
  ? Message extends unknown
    ? Omit<Message, 'from'>
    : never
  : never;

type Versions = Readonly<Record<string, number>>;

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isVersions(value: unknown): value is Versions {
  return typeof value === 'object' && value !== null && Object.values(value).every(isVersion);
}

function isEntries(value: unknown): value is readonly ShareEntry[] {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string');
}

function isPart(part: unknown, parts: unknown): boolean {
  return isVersion(part) && isVersion(parts) && part >= 0 && part < parts && parts <= maxParts;
}

/** Parts of one share that are put together; with 128 KiB in each, more than any limit in the engine lets a share grow to. */
const maxParts = 4096;

/** The message in a text of the bus, or undefined where it is none. Never throws. */
export function parseClusterMessage(text: string): ClusterMessage | undefined {
  const fields = parseJsonObject(text) ?? {};
  const { from, kind, id, name, share, shares, version, entries, part, parts, value, question, reason } = fields;
  if (typeof from !== 'string') return undefined;
  switch (kind) {
    case 'beat':
      return isVersions(shares) ? { from, kind, shares } : undefined;
    case 'bye':
      return { from, kind };
    case 'want':
      return typeof share === 'string' ? { from, kind, share } : undefined;
    case 'full':
      if (typeof share !== 'string' || !isVersion(version) || !isEntries(entries) || !isPart(part, parts))
        return undefined;
      return { from, kind, share, version, part: part as number, parts: parts as number, entries };
    case 'delta':
      if (typeof share !== 'string' || !isVersion(version) || !isEntries(entries)) return undefined;
      return { from, kind, share, version, entries };
    case 'tell':
      return typeof name === 'string' ? { from, kind, name, value } : undefined;
    case 'ask':
      return typeof id === 'string' && typeof name === 'string' ? { from, kind, id, name, question } : undefined;
    case 'answer':
      return typeof id === 'string' ? { from, kind, id, value } : undefined;
    case 'no-answer':
      return typeof id === 'string' && typeof reason === 'string' ? { from, kind, id, reason } : undefined;
    default:
      return undefined;
  }
}
