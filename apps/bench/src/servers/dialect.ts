import { type Engine, type Gateway, textFrame } from '@roomcast/engine';
import { wideLimits } from '../dialects/dialect.js';
import { dialectNamed } from '../dialects/index.js';
import { publishPath } from '../dialects/published.js';
import { httpServer, type Start } from './options.js';
import { benchEngine } from './roomcast.js';
import { publishToken } from './tokens.js';

const pong = textFrame('{"t":"pong"}');

/** The server of one dialect: its gateway, and beside it a mount that takes what is to be published. */
export function dialectServer(name: string): Start {
  return async (options) => {
    const dialect = await dialectNamed(name);
    const engine = benchEngine();
    const { publish, gateway } = await dialect.serve(engine);
    engine.mount({
      ...wideLimits,
      name: 'publish',
      paths: publishPath,
      wire: {
        accept: () => ({ data: null }),
        message(session, text) {
          const message = JSON.parse(String(text));
          if (message.t === 'pub') publish(message.room, message.e);
          else session.reply(pong);
        },
      },
    });
    const server = httpServer(options, options.http === true ? await httpSide(engine, gateway) : undefined);
    engine.attach(server);
    return server;
  };
}

/** Loaded when it is asked for: where nothing comes in by HTTP it would count as the wire's memory. */
async function httpSide(engine: Engine, gateway: Gateway | undefined) {
  const { httpListener } = await import('@roomcast/server');
  return httpListener({ engine, gateways: gateway === undefined ? [] : [gateway], publishToken });
}
