import { connect } from 'node:net';
import { BusDownError, BusRefusedError } from '@roomcast/engine';

/**
 * Resolves when a server says that it is one, as it does to everybody who connects. Asked before the client is let at it,
 * which keeps a socket for ever for each attempt that a server at a halt does not answer.
 */
function greeting(server: string, timeoutMs: number): Promise<void> {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(server) ?? [];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host.replace(/^\[|\]$/g, ''));
    const where = `NATS at ${server}`;
    const timer = setTimeout(
      () => end(new BusDownError(`${where} did not answer in ${Math.round(timeoutMs)} ms`)),
      timeoutMs,
    );
    function end(error: Error | null): void {
      clearTimeout(timer);
      socket.destroy();
      if (error === null) resolve();
      else reject(error);
    }
    socket.once('data', (data) => {
      const isNats = data.subarray(0, 5).toString() === 'INFO ';
      end(isNats ? null : new BusRefusedError(`${where} does not speak NATS's protocol`));
    });
    socket.once('error', (error) => end(new BusDownError(`${where}: ${error.message}`, { cause: error })));
    socket.once('close', () => end(new BusDownError(`${where} closed the connection`)));
  });
}

/** The first of the servers, beginning anywhere, that greets; rejects with what was wrong with the last. */
export async function firstToGreet(servers: readonly string[], timeoutMs: number): Promise<string> {
  const first = Math.floor(Math.random() * servers.length);
  let problem: unknown;
  for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
    try {
      await greeting(server, timeoutMs / servers.length);
      return server;
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
