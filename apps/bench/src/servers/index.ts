import type { Start } from './options.js';

/** The servers that run in Node, by name. */
const table: Readonly<Record<string, () => Promise<{ start: Start }>>> = {
  ws: () => import('./naive-ws.js'),
  'socket.io': () => import('./socket-io.js'),
  roomcast: () => import('./roomcast.js'),
  webhook: () => import('./webhook.js'),
};

export async function serverNamed(name: string): Promise<Start> {
  const load = table[name];
  if (load !== undefined) return (await load()).start;
  const { dialectServer } = await import('./dialect.js');
  return dialectServer(name);
}
