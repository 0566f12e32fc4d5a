import systemNames from './system-names.json' with { type: 'json' };

const names = new Map(Object.entries(systemNames).map(([id, name]) => [Number(id), name]));
const ids = new Map([...names].map(([id, name]) => [name.toLowerCase(), id]));

/** Five that much happens in. */
export const popularSystems: readonly number[] = [30000142, 30002659, 30002187, 30002053, 30002510];

export function systemName(id: number): string {
  return names.get(id) ?? `System ${id}`;
}

/** Remembers a name that came with a killmail. */
export function learnSystem(id: number, name: string | undefined): void {
  if (name === undefined || names.has(id)) return;
  names.set(id, name);
  ids.set(name.toLowerCase(), id);
}

/** The id of a system, from its name or from digits. */
export function systemId(text: string): number | undefined {
  const wanted = text.trim().toLowerCase();
  return ids.get(wanted) ?? (/^\d{1,8}$/.test(wanted) && Number(wanted) > 0 ? Number(wanted) : undefined);
}

/** Names that begin with a text, before those that only contain it. */
export function suggestedNames(text: string, max: number): string[] {
  const wanted = text.trim().toLowerCase();
  const begins = (name: string) => Number(name.toLowerCase().startsWith(wanted));
  return [...names.values()]
    .filter((name) => name.toLowerCase().includes(wanted))
    .sort((a, b) => begins(b) - begins(a) || a.localeCompare(b))
    .slice(0, max);
}
