import { ok, type Phoenix, phoenixWire } from '@roomcast/phoenix';
import { plainEvent } from '../loader/raw-speech.js';
import { type Dialect, wideLimits } from './dialect.js';
import { publishedBeside } from './published.js';

/** Phoenix Channels, serializer V2, with the payload of the raw protocol. */
export const dialect: Dialect = {
  speech: {
    memberPath: () => '/socket/websocket?vsn=2.0.0',
    join: (_member, rooms) =>
      rooms.map((room, n) => ({
        send: JSON.stringify([String(n), String(n), `room:${room}`, 'phx_join', {}]),
        frames: 1,
      })),
    ping: '[null,"1","phoenix","heartbeat",{}]',
    ...publishedBeside(plainEvent),
  },
  serve(engine) {
    const phoenix: Phoenix<null, object> = phoenixWire<null, object>(engine, {
      ...wideLimits,
      name: 'phoenix',
      idleTimeoutMs: 0,
      connect: () => ({ assigns: null }),
      channels: {
        'room:*': {
          async join(_payload, channel) {
            await channel.join(channel.topic, { topic: channel.topic });
            return ok();
          },
          message() {},
        },
      },
      receive: (event, topic) => phoenix.broadcast(topic, 'event', event),
    });
    return { publish: (room, event) => phoenix.mount.publish(`room:${room}`, event as object) };
  },
};
