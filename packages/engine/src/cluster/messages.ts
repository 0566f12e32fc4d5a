import { parseJsonObject } from '../json.js';

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

type Versions = Readonly<Record<string, number>>;
type Entries = readonly (readonly [key: string, value: unknown])[];

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isVersions(value: unknown): value is Versions {
  return typeof value === 'object' && value !== null && Object.values(value).every(isVersion);
}

function isEntries(value: unknown): value is Entries {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && typeof entry[0] === 'string');
}

/** The message in a text of the bus, or undefined where it is none. Never throws. */
export function parseClusterMessage(text: string): ClusterMessage | undefined {
  const { from, kind, to, share, shares, version, entries } = parseJsonObject(text) ?? {};
  if (typeof from !== 'string') return undefined;
  switch (kind) {
    case 'beat':
      return isVersions(shares) ? { from, kind, shares } : undefined;
    case 'bye':
      return { from, kind };
    case 'want':
      return typeof to === 'string' && typeof share === 'string' ? { from, kind, to, share } : undefined;
    case 'full':
    case 'delta':
      if (typeof share !== 'string' || !isVersion(version) || !isEntries(entries)) return undefined;
      return { from, kind, share, version, entries };
    default:
      return undefined;
  }
}
