/** Whom a disconnect is for: all connections of an identity, or one session. */
export type Target = { readonly identity: string } | { readonly session: string };

/** What the instances of a mount tell each other to do. `rooms` null: all of them. */
export type Control =
  | { readonly kind: 'disconnect'; readonly target: Target }
  | { readonly kind: 'leave'; readonly identity: string; readonly rooms: readonly string[] | null };

/** The topic it travels by. No gateway's topic begins so. */
export const controlTopic = '$control';

/** A control in a message of the bus, or undefined where it is none. Never throws. */
export function parseControl(value: unknown): Control | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, target, identity, rooms } = value as Record<string, unknown>;
  if (kind === 'disconnect' && typeof target === 'object' && target !== null) {
    const { identity: whose, session } = target as Record<string, unknown>;
    if (typeof whose === 'string') return { kind, target: { identity: whose } };
    return typeof session === 'string' ? { kind, target: { session } } : undefined;
  }
  if (kind !== 'leave' || typeof identity !== 'string') return undefined;
  if (rooms === null) return { kind, identity, rooms };
  const valid = Array.isArray(rooms) && rooms.every((room) => typeof room === 'string');
  return valid ? { kind, identity, rooms } : undefined;
}
