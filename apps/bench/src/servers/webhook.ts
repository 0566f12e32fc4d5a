import { Agent, request } from 'node:http';
import { WebSocketServer } from 'ws';
import { httpServer, type ServerOptions } from './options.js';

/** One subscriber: its URL, and a connection of its own that is kept open, as every subscriber is another host. */
interface Subscriber {
  readonly url: string;
  readonly agent: Agent;
}

/** Posts every event to every subscriber, as plain node:http does it. Subscribers are "joined" by their URLs. */
export function start(options: ServerOptions) {
  const subscribers: Subscriber[] = [];
  const server = httpServer(options);
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (client) => {
    client.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.t === 'pub') {
        const body = JSON.stringify(message.e);
        for (const subscriber of subscribers) post(subscriber, body);
      } else if (message.t === 'join') {
        for (const url of message.rooms) {
          subscribers.push({ url, agent: new Agent({ keepAlive: true, maxSockets: 1 }) });
        }
        client.send('{"t":"joined"}');
      } else {
        client.send('{"t":"pong"}');
      }
    });
  });
  return server;
}

function post({ url, agent }: Subscriber, body: string): void {
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  const posted = request(url, { method: 'POST', agent, headers }, (response) => response.resume());
  posted.on('error', () => posted.destroy());
  posted.end(body);
}
