// The engine speaking the yardstick's raw protocol, so that an independent load generator can measure it:
//   {"t":"join","rooms":[…]} → one reply   {"t":"pub","room":"r1","e":{…}} → e to every member   {"t":"ping"} → one reply
// Usage: node --expose-gc yardstick-adapter.mjs PORT   (after `pnpm build`)
import { createServer } from 'node:http';
import { createEngine, textFrame } from '@roomcast/engine';

const port = Number(process.argv[2] ?? process.env.PORT ?? 9001);
const joined = textFrame('{"t":"joined"}');
const pong = textFrame('{"t":"pong"}');

// The limits are on, and above what the load generator does.
const engine = createEngine({
  maxConnections: 100_000,
  maxConnectionsPerIp: 100_000,
  maxConnectsPerIpPerMinute: 10_000_000,
});

const mount = engine.mount({
  name: 'yardstick',
  paths: '/ws',
  maxMessages: 10_000_000,
  maxRooms: 10_000,
  wire: {
    accept: () => ({ data: null }),
    message(session, text) {
      const message = JSON.parse(text);
      if (message.t === 'pub') mount.publish(message.room, message.e);
      else if (message.t === 'ping') session.reply(pong);
      else if (message.t === 'join') {
        for (const room of message.rooms) session.join(room, { topic: room });
        session.reply(joined);
      }
    },
  },
  receive: (event, topic) => {
    const frame = textFrame(JSON.stringify(event));
    mount.deliver({ rooms: [topic] }, { encode: () => frame });
  },
});

// Twice, as the yardstick's own servers do: what the first leaves behind the second gives back.
process.on('SIGUSR2', () => {
  globalThis.gc?.();
  globalThis.gc?.();
});
const server = createServer();
engine.attach(server);
server.listen(port, '127.0.0.1', 4096, () => console.log('ready'));
