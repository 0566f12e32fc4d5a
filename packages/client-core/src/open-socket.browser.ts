import type { OpeningSocket, Target, WebSocketConstructor } from './web-socket.js';

/** Everywhere but in Node: the platform's WebSocket, which sends no headers and does not tell why it was refused. */
export function openSocket({ url }: Target): OpeningSocket {
  const WebSocket: unknown = Reflect.get(globalThis, 'WebSocket');
  if (typeof WebSocket !== 'function') throw new TypeError('this platform has no WebSocket of its own: pass one');
  return { socket: new (WebSocket as WebSocketConstructor)(url), refusalStatus: () => undefined };
}
