/** FNV-1a with a final mix, so that ids that differ in their last characters still rank independently. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/**
 * The member that a key belongs to, by rendezvous hashing: all that see the same members agree without asking, and
 * only a gone member's keys move.
 */
export function ownerOf(key: string, members: Iterable<string>): string | undefined {
  let owner: string | undefined;
  let best = -1;
  for (const member of members) {
    const rank = hash(`${member}/${key}`);
    if (rank > best || (rank === best && owner !== undefined && member < owner)) {
      owner = member;
      best = rank;
    }
  }
  return owner;
}
