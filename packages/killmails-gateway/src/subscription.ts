import { randomUUID } from 'node:crypto';
import type { Killmail } from '@roomcast/killmails-protocol';

/** The room of everybody who wants a system's kills. */
export const systemRoom = (id: number | ''): string => `system:${id}`;
/** The room of everybody who wants a character's kills and losses. */
export const characterRoom = (id: number | ''): string => `character:${id}`;

/** The room of everybody who asked to be told when kills may have been missed. */
export const missedRoom = 'events-missed';

/** What one client of the channel wants. */
export class Subscription {
  readonly id = randomUUID();
  readonly systems = new Set<number>();
  readonly characters = new Set<number>();
  /** Whether it has ever spoken of characters: replies mention them only then, as earlier servers never did. */
  asksForCharacters = false;
}

/** The rooms of everybody who wants this kill. */
export function roomsOf({ system_id, victim, attackers }: Killmail): string[] {
  const rooms = [systemRoom(system_id)];
  if (victim.character_id !== undefined) rooms.push(characterRoom(victim.character_id));
  for (const { character_id } of attackers) if (character_id !== undefined) rooms.push(characterRoom(character_id));
  return rooms;
}
