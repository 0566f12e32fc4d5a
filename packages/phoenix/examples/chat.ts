import { createServer } from 'node:http';
import { createEngine } from '@roomcast/engine';
import { error, ok, phoenixWire } from '@roomcast/phoenix';

export const engine = createEngine();

export const chat = phoenixWire(engine, {
  name: 'chat',
  connect: ({ name }) => (typeof name === 'string' ? { assigns: { name } } : undefined),
  channels: {
    'room:*': {
      join: (_payload, channel) => ok({ welcome: channel.assigns.name }),
      message(event, payload, channel) {
        if (event !== 'say') return error({ reason: 'unknown event' });
        channel.broadcast('said', { by: channel.assigns.name, what: payload });
        return ok();
      },
    },
  },
});

export const server = createServer((_request, response) => response.writeHead(404).end());
engine.attach(server);
