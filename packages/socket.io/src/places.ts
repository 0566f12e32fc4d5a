/** What the engine calls a room: by its own name in the root namespace, else with its namespace before it. */
export function nameOf(namespace: string, room: string): string {
  return namespace === '/' ? room : `${namespace}#${room}`;
}

/** The room of a namespace that the engine calls so, or undefined where it is none of that namespace. */
export function placeOf(name: string, namespace: string): string | undefined {
  if (namespace === '/') return name;
  const prefix = `${namespace}#`;
  return name.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}
