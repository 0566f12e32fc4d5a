import type { WebSocketConstructor } from '@roomcast/client-core';

/** Only what Socket.IO connects to is tapped. */
const socketPath = '/socket.io';

/**
 * Loads the client so that its WebSockets can be tapped. Socket.IO takes the platform's constructor when it is loaded, once
 * and for all, and can be given no other: while it is being loaded, ours stands in its place, and opens what it is told.
 */
export async function loadTapped() {
  const platform = globalThis.WebSocket;
  let tapped: WebSocketConstructor = platform;
  const stand = new Proxy(platform, {
    construct: (target, [url, ...rest]: [string, ...unknown[]]) =>
      new URL(url).pathname.startsWith(socketPath) ? new tapped(url) : Reflect.construct(target, [url, ...rest]),
  });
  globalThis.WebSocket = stand;
  try {
    const { createSpywatcherClient } = await import('@roomcast/spywatcher-client');
    return {
      createSpywatcherClient,
      /** From now on with this one. */
      tapWith: (WebSocket: WebSocketConstructor) => {
        tapped = WebSocket;
      },
    };
  } finally {
    globalThis.WebSocket = platform;
  }
}
