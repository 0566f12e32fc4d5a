import { constants } from 'node:os';
import { type Logger, RoomcastError, redactText } from '@roomcast/engine';
import { type RunningServer, type ServerOptions, startServer } from './server.js';

const signals = ['SIGTERM', 'SIGINT'] as const;

/** Beyond the time to shut down, in milliseconds, before the process is ended anyway. */
const graceMs = 250;

export interface StopOptions {
  /** Ends everything; resolves when it has. */
  close(): Promise<unknown>;
  /** How long that may take, in milliseconds. */
  withinMs: number;
  logger: Logger;
}

/**
 * At the first SIGTERM or SIGINT `close` runs and the process exits with 0, or with 1 when that failed or took too long.
 * At the second one it exits at once. Returns how to take the handlers away.
 */
export function stopOnSignals({ close, withinMs, logger }: StopOptions): () => void {
  let stopping = false;
  const onSignal = (signal: (typeof signals)[number]) => {
    if (stopping) process.exit(128 + constants.signals[signal]);
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error({ withinMs }, 'stopping takes too long: exiting');
      process.exit(1);
    }, withinMs + graceMs).unref();
    close().then(
      () => {
        logger.info({}, 'stopped');
        process.exit(0);
      },
      (error: unknown) => {
        logger.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}

/**
 * Starts a server and stops it at SIGTERM or SIGINT. An error that nothing catches is logged, without credentials, and
 * ends the process with 1.
 */
export async function runServer(options: ServerOptions): Promise<RunningServer> {
  const { env, logger } = options;
  process.once('uncaughtException', (error) => {
    logger.error({ err: error }, 'an error that nothing caught: exiting');
    process.exit(1);
  });
  // In place before the line that says the server listens: who waits for the line may send a signal right after it.
  const starting = startServer(options);
  stopOnSignals({ close: async () => (await starting).close(), withinMs: env.DRAIN_MS, logger });
  return starting;
}

/**
 * Runs a program's main function. What it can't go on without (`EnvironmentError`, `ListenError`, …) is one line on
 * standard error and exit code 1; any other error comes with its stack.
 */
export async function main(program: () => Promise<unknown>): Promise<void> {
  try {
    await program();
  } catch (error) {
    const text = error instanceof RoomcastError ? error.message.replaceAll(/\s*\n\s*/g, ' ') : stackOf(error);
    await new Promise((resolve) => process.stderr.write(`${redactText(text)}\n`, resolve));
    process.exit(1);
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
