import type { ShareEntry } from './messages.js';

/** Characters of the entries in one message, so that it stays far below what a broker takes. */
const maxEntriesLength = 128 * 1024;

/** Entries in groups that each fit into a message: at least one group, and each entry in one of them, in order. */
export function split<Entry extends ShareEntry>(entries: readonly Entry[], maxLength = maxEntriesLength): Entry[][] {
  const groups: Entry[][] = [];
  let group: Entry[] = [];
  let length = 0;
  for (const entry of entries) {
    const size = JSON.stringify(entry).length;
    if (group.length > 0 && length + size > maxLength) {
      groups.push(group);
      group = [];
      length = 0;
    }
    group.push(entry);
    length += size;
  }
  groups.push(group);
  return groups;
}
