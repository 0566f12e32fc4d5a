import type { Engine } from '@roomcast/engine';
import { createHttpServer, type HttpOptions, type HttpServerOptions, httpListener } from '@roomcast/server';
import { type Listening, listen } from '@roomcast/testing';
import { onTestFinished } from 'vitest';

/** Serves the HTTP side of an engine until the test is over. */
export async function serve(options: HttpOptions, server: HttpServerOptions = {}): Promise<Listening> {
  const http = createHttpServer(httpListener(options), server);
  options.engine.attach(http);
  const listening = await listen(http);
  onTestFinished(() => stop(options.engine, listening));
  return listening;
}

async function stop(engine: Engine, listening: Listening): Promise<void> {
  await engine.close();
  await listening.close();
}
