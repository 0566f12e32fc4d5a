import { Server } from 'socket.io';
import { httpServer, type ServerOptions } from './options.js';
import { userOf } from './tokens.js';

/** Socket.IO with its defaults, over the WebSocket transport alone. */
export function start(options: ServerOptions) {
  const server = httpServer(options);
  const io = new Server(server, { transports: ['websocket'] });
  if (options.jwt === true) {
    io.use((socket, next) => {
      userOf(String(socket.handshake.query.token)).then(() => next(), next);
    });
  }
  io.on('connection', (socket) => {
    socket.on('join', (rooms: string[]) => {
      void socket.join(rooms);
      socket.emit('joined');
    });
    socket.on('pub', (room: string, event: unknown) => io.to(room).emit('ev', event));
    socket.on('ping', () => socket.emit('pong'));
  });
  return server;
}
