import { ClientOptionsError } from '@roomcast/client-core';
import type { OpeningSocket, WebSocketConstructor } from './web-socket.js';

/** Everywhere but in Node: the platform's WebSocket, which does not tell why a connection was refused. */
export function openSocket(url: string): OpeningSocket {
  const WebSocket: unknown = Reflect.get(globalThis, 'WebSocket');
  if (typeof WebSocket !== 'function') {
    throw new ClientOptionsError('WebSocket', 'this platform has none of its own, so it must be given');
  }
  const socket = new (WebSocket as WebSocketConstructor)(url);
  return { socket, refusalStatus: () => undefined };
}
