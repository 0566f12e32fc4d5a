/** The room of those who follow a guild's analytics. */
export function analyticsRoom(guildId: string): `analytics:${string}` {
  return `analytics:${guildId}`;
}

/** The room of those who follow a guild's events. */
export function guildRoom(guildId: string): `guild:${string}` {
  return `guild:${guildId}`;
}

/** What a room is of, or undefined where it is none of the two kinds (every socket has one by its own id). */
export function parseRoom(
  room: string,
): { readonly kind: 'analytics' | 'guild'; readonly guildId: string } | undefined {
  const colon = room.indexOf(':');
  const kind = room.slice(0, Math.max(colon, 0));
  if (kind !== 'analytics' && kind !== 'guild') return undefined;
  return { kind, guildId: room.slice(colon + 1) };
}
