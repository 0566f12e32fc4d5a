import { parseJsonObject } from '../json.js';

/** A key of a share with its value. A null value: the key is gone. */
export type ShareEntry = readonly [key: string, value: unknown];

/** What instances tell each other about themselves. `from` is the instance that speaks; the `version` is 1. */
export type ClusterMessage = { readonly from: string } & (
  | {
      /** A sign of life, with the revision of each share. A `hello` is one that asks the others for theirs. */
      readonly kind: 'beat' | 'hello';
      readonly shares: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'bye' }
  | { readonly kind: 'want'; readonly share: string }
  | {
      /** A part of a whole share; a share of any size travels in `parts` messages of a bounded one. */
      readonly kind: 'full';
      readonly share: string;
      readonly revision: number;
      readonly part: number;
      readonly parts: number;
      readonly entries: readonly ShareEntry[];
    }
  | {
      /** What has changed since the revision before. */
      readonly kind: 'delta';
      readonly share: string;
      readonly revision: number;
      readonly entries: readonly ShareEntry[];
    }
  | { readonly kind: 'tell'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'ask'; readonly id: string; readonly name: string; readonly question: unknown }
  | { readonly kind: 'answer'; readonly id: string; readonly value: unknown }
  | { readonly kind: 'no-answer'; readonly id: string; readonly reason: string }
);

/** Messages without what all begin with: the version and the sender, which is this instance. */
export type Outgoing = ClusterMessage extends infer Message
  ? Message extends unknown
    ? Omit<Message, 'from'>
    : never
  : never;

type Revisions = Readonly<Record<string, number>>;

function isRevision(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function areRevisions(value: unknown): value is Revisions {
  return typeof value === 'object' && value !== null && Object.values(value).every(isRevision);
}

function isEntries(value: unknown): value is readonly ShareEntry[] {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string');
}

function isPart(part: unknown, parts: unknown): boolean {
  return isRevision(part) && isRevision(parts) && part >= 0 && part < parts && parts <= maxParts;
}

/** Parts of one share that are put together; with 128 KiB in each, more than any limit in the engine lets a share grow to. */
const maxParts = 4096;

/** The message in a text of the bus, or undefined where it is none. Never throws. */
export function parseClusterMessage(text: string): ClusterMessage | undefined {
  const fields = parseJsonObject(text) ?? {};
  const { version, from, kind, id, name, share, shares, revision, entries, part, parts, value, question, reason } =
    fields;
  if (version !== 1 || typeof from !== 'string') return undefined;
  switch (kind) {
    case 'beat':
    case 'hello':
      return areRevisions(shares) ? { from, kind, shares } : undefined;
    case 'bye':
      return { from, kind };
    case 'want':
      return typeof share === 'string' ? { from, kind, share } : undefined;
    case 'full':
      if (typeof share !== 'string' || !isRevision(revision) || !isEntries(entries) || !isPart(part, parts))
        return undefined;
      return { from, kind, share, revision, part: part as number, parts: parts as number, entries };
    case 'delta':
      if (typeof share !== 'string' || !isRevision(revision) || !isEntries(entries)) return undefined;
      return { from, kind, share, revision, entries };
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
