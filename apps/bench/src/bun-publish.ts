/** Bun's own publish, which uWebSockets does. Usage: bun bun-publish.js PORT. Only what is used of Bun is declared. */
interface BunSocket {
  send(text: string): void;
  subscribe(room: string): void;
}

interface BunServer {
  readonly port: number;
  publish(room: string, text: string): void;
  upgrade(request: Request, options: { data: object }): boolean;
}

declare const Bun: {
  gc(force: boolean): void;
  serve(options: {
    port: number;
    hostname: string;
    fetch(request: Request, server: BunServer): Response | undefined;
    websocket: { perMessageDeflate: boolean; idleTimeout: number; message(socket: BunSocket, data: string): void };
  }): BunServer;
};

process.on('SIGUSR2', () => Bun.gc(true));

const server = Bun.serve({
  port: Number(process.argv[2]),
  hostname: '127.0.0.1',
  fetch: (request, own) => (own.upgrade(request, { data: {} }) ? undefined : new Response('no', { status: 400 })),
  websocket: {
    perMessageDeflate: false,
    idleTimeout: 0,
    message(socket, data) {
      const message = JSON.parse(data);
      if (message.t === 'pub') server.publish(message.room, JSON.stringify(message.e));
      else if (message.t === 'ping') socket.send('{"t":"pong"}');
      else if (message.t === 'join') {
        for (const room of message.rooms) socket.subscribe(room);
        socket.send('{"t":"joined"}');
      }
    },
  },
});
console.log(`ready ${server.port}`);
