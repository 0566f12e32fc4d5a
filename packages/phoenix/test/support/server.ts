import { createServer } from 'node:http';
import { createEngine, type Engine, type EngineOptions, silentLogger } from '@roomcast/engine';
import { eventually, type Listening, listen } from '@roomcast/testing';
import { type ChannelDefinition, type Phoenix, type PhoenixOptions, phoenixWire } from '../../src/index.js';

export interface TestServer<Assigns> extends Listening {
  engine: Engine;
  phoenix: Phoenix<Assigns>;
  /** `ws://…/socket/websocket?vsn=2.0.0` */
  url: string;
  /** Drains the engine and has a new one at the same address. */
  restart(): Promise<void>;
}

export type TestOptions<Assigns> = Partial<PhoenixOptions<Assigns>> & {
  channels: Record<string, ChannelDefinition<Assigns>>;
};

/** A server of one socket at `/socket`, which lets everybody in unless told otherwise. */
export async function startServer<Assigns = unknown>(
  options: TestOptions<Assigns>,
  engineOptions: EngineOptions = {},
): Promise<TestServer<Assigns>> {
  const http = createServer((_request, response) => response.writeHead(404).end());
  const begin = () => {
    const engine = createEngine({ logger: silentLogger, ...engineOptions });
    const phoenix = phoenixWire<Assigns>(engine, {
      name: 'test',
      connect: () => ({ assigns: {} as Assigns }),
      maxMessages: 0,
      ...options,
    });
    return { engine, phoenix, detach: engine.attach(http) };
  };
  let run = begin();
  const listening = await listen(http);
  return {
    ...listening,
    get engine() {
      return run.engine;
    },
    get phoenix() {
      return run.phoenix;
    },
    url: `${listening.ws}/socket/websocket?vsn=2.0.0`,
    async restart() {
      await run.engine.drain(1000);
      run.detach();
      run = begin();
    },
    async close() {
      await run.engine.close();
      await eventually(() => run.engine.stats().sessions === 0, 'the end of all sessions');
      await listening.close();
    },
  };
}
