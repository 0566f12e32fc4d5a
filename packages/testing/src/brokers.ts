import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { Program } from './program.js';

/** A broker that a test runs. `close` stops it and takes its files away. */
export interface RunningBroker {
  readonly program: Program;
  readonly port: number;
  /** Without credentials. */
  readonly url: string;
  close(): Promise<void>;
}

export interface RedisServerOptions {
  /** More arguments for `redis-server`. */
  args?: readonly string[];
  /** It watches these masters instead of keeping data: name → port. */
  sentinelOf?: Readonly<Record<string, number>>;
  /** It asks for this password. */
  password?: string;
}

/** A `redis-server` on a free port of the loopback address. Nothing is kept on disk. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RunningBroker> {
  const { args = [], sentinelOf, password } = options;
  return running('redis', 'redis', (port, folder) => {
    const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    if (sentinelOf !== undefined) {
      const config = join(folder, 'sentinel.conf');
      writeFileSync(config, sentinelConfig(sentinelOf));
      return program(port, [config, ...common, '--sentinel', ...args]);
    }
    const secret = password === undefined ? [] : ['--requirepass', password];
    return program(port, [...common, '--save', '', '--appendonly', 'no', ...secret, ...args]);
  });

  function program(port: number, all: readonly string[]): Program {
    // Where a password is asked for, PING is refused, which is an answer too.
    const greets = (answer: string) => answer.startsWith('+PONG') || answer.startsWith('-NOAUTH');
    return new Program({ command: 'redis-server', args: all, port, hello: 'PING\r\n', greets });
  }
}

function sentinelConfig(masters: Readonly<Record<string, number>>): string {
  const lines = Object.entries(masters).flatMap(([name, port]) => [
    `sentinel monitor ${name} 127.0.0.1 ${port} 1`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 3000`,
  ]);
  return `${lines.join('\n')}\n`;
}

export interface NatsServerOptions {
  /** The configuration file's text. */
  config?: string;
}

/** A `nats-server` on a free port of the loopback address. */
export function startNats({ config = '' }: NatsServerOptions = {}): Promise<RunningBroker> {
  return running('nats', 'nats', (port, folder) => {
    const file = join(folder, 'nats.conf');
    writeFileSync(file, config);
    const args = ['--config', file, '--addr', '127.0.0.1', '--port', String(port)];
    return new Program({ command: 'nats-server', args, port, greets: (answer) => answer.startsWith('INFO') });
  });
}

async function running(
  kind: string,
  scheme: string,
  make: (port: number, folder: string) => Program,
): Promise<RunningBroker> {
  for (let attempt = 1; ; attempt++) {
    const folder = mkdtempSync(join(tmpdir(), `roomcast-${kind}-`));
    const program = make(await freePort(), folder);
    const close = async () => {
      await program.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    try {
      await program.start();
      return { program, port: program.port, url: `${scheme}://127.0.0.1:${program.port}`, close };
    } catch (error) {
      await close();
      // Somebody else may have been faster with the port.
      if (attempt === 3) throw error;
    }
  }
}
