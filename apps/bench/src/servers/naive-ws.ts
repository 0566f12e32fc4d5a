import type { IncomingMessage, ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { httpServer, type ServerOptions } from './options.js';
import { tokenIn, userOf } from './tokens.js';

/** What everybody writes first: `ws`, a set of sockets for each room, and a loop that sends. */
export function start(options: ServerOptions) {
  const rooms = new Map<string, Set<WebSocket>>();
  const publish = (name: string, event: unknown) => {
    const text = JSON.stringify(event);
    for (const client of rooms.get(name) ?? []) client.send(text);
  };
  const server = httpServer(options, options.http === true ? publishRequests(publish) : undefined);
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    const accept = () => sockets.handleUpgrade(request, socket, head, serve);
    if (options.jwt !== true) accept();
    else userOf(tokenIn(request.url)).then(accept, () => socket.destroy());
  });

  const serve = (client: WebSocket) => {
    const joined: Set<WebSocket>[] = [];
    client.on('error', () => client.terminate());
    client.on('close', () => {
      for (const room of joined) room.delete(client);
    });
    client.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.t === 'pub') publish(message.room, message.e);
      else if (message.t === 'ping') client.send('{"t":"pong"}');
      else if (message.t === 'join') {
        for (const name of message.rooms) {
          const room = rooms.get(name) ?? new Set();
          rooms.set(name, room.add(client));
          joined.push(room);
        }
        client.send('{"t":"joined"}');
      }
    });
  };
  return server;
}

/** `POST` of one event, or an array of them, for the room `r0`. */
function publishRequests(publish: (room: string, event: unknown) => void) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const events = Array.isArray(body) ? body : [body];
      for (const event of events) publish('r0', event);
      response.writeHead(202, { 'Content-Type': 'application/json' }).end(`{"accepted":${events.length}}`);
    });
  };
}
