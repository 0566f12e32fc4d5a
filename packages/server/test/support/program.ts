// A server as an application writes it; `run.test.ts` starts it as a process of its own.
import { createEngine } from '@roomcast/engine';
import {
  createLogger,
  engineOptions,
  keepState,
  main,
  readEnvironment,
  runServer,
  secretsOf,
  sessionLimits,
  stateFile,
  variables,
} from '@roomcast/server';
import * as z from 'zod';
import { chatGateway } from './chat.js';

await main(async () => {
  const env = readEnvironment({
    port: 0,
    jwt: true,
    variables: { HANG: variables.integer().optional(), BREAK: variables.integer().optional() },
  });
  const logger = createLogger({ level: env.LOG_LEVEL, service: 'chat', secrets: secretsOf(env) });
  const engine = createEngine({ ...engineOptions(env), logger });
  const chat = chatGateway(engine, sessionLimits(env));
  const file = stateFile(env.STATE_DIR, 'chat', z.object({ seen: z.array(z.string()) }), logger);
  chat.seen.push(...(file.load()?.seen ?? []));
  const keeper = keepState({ file, read: () => ({ seen: chat.seen }), logger });
  await runServer({
    env,
    engine,
    gateways: [chat],
    logger,
    onShutdown: async () => {
      await keeper.close();
      if (env.HANG !== undefined) await new Promise((resolve) => setTimeout(resolve, 60_000));
    },
  });
  if (env.BREAK !== undefined) setTimeout(() => Promise.reject(new Error(`broken, with ${env.JWT_SECRET}`)), 10);
});
