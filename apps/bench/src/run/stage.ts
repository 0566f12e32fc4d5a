import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { entry } from '../entries.js';
import { BenchError } from '../errors.js';
import type { Target } from '../loader/client.js';
import type { Samples } from '../loader/meter.js';
import type { Load, LoadOrder } from '../loader/run.js';
import type { LoopHold } from '../servers/loop.js';
import type { ServerOptions } from '../servers/options.js';
import { endProgram, firstLine, nodeProgram, startProgram } from './child.js';
import type { Contender } from './contenders.js';
import type { Machine } from './machine.js';
import { freePort, isListenedAt } from './ports.js';

/** A server that listens. */
export interface RunningServer {
  readonly pid: number;
  readonly target: Target;
  readonly speech: string;
}

/** A broker that listens. */
export interface RunningBroker {
  readonly url: string;
  readonly pid: number;
}

/** What can carry events between instances. */
export type Brokers = keyof typeof brokers;

const brokers = {
  'redis-server': {
    scheme: 'redis',
    args: (port: number) => ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
  },
  'nats-server': {
    scheme: 'nats',
    args: (port: number) => ['-a', '127.0.0.1', '-p', String(port), '-l', '/dev/null'],
  },
};

const startMs = 20_000;
const loadMs = 300_000;

/** What one measurement starts: its servers on one core, its loader on the other. All of it ends with it. */
export class Stage {
  /** What others took of the machine meanwhile. */
  disturbance: string | undefined;
  readonly #children: ChildProcess[] = [];

  constructor(
    readonly machine: Machine,
    /** Seconds of each measured phase. */
    readonly seconds: number,
    /** 0: any free one. */
    readonly port: number,
  ) {}

  /** @param core where it runs, unless on the servers' core. */
  async start(
    contender: Contender,
    options: Partial<ServerOptions> = {},
    serverCore = this.machine.serverCore,
  ): Promise<RunningServer> {
    const given = JSON.stringify({ port: this.port, ...options });
    const program =
      contender.runtime === 'bun'
        ? { command: 'bun', args: [entry('bun-publish'), String(this.port)], core: serverCore, channel: false }
        : nodeProgram(entry('server'), [contender.server, given], serverCore);
    const child = startProgram(program);
    this.#children.push(child);
    const line = await firstLine(child, `the server ${contender.name}`, startMs);
    const port = Number(/^ready (\d+)$/.exec(line)?.[1]);
    if (Number.isNaN(port)) throw new BenchError(line, true);
    const target = { port, ...(options.tls !== undefined && { ca: options.tls.cert }) };
    return { pid: child.pid ?? 0, target, speech: contender.speech };
  }

  /** A broker of its own on the loader's core, which keeps nothing on disk. */
  async broker(program: Brokers): Promise<RunningBroker> {
    const port = await freePort();
    const { scheme, args } = brokers[program];
    const core = this.machine.loaderCore;
    const child = startProgram({ command: program, args: args(port), core, channel: false });
    this.#children.push(child);
    if (!(await isListenedAt(port, startMs))) throw new BenchError(`${program} does not listen`);
    return { url: `${scheme}://127.0.0.1:${port}`, pid: child.pid ?? 0 };
  }

  /** How long a server that was started with `watchLoop` held its event loop, since its latest connection. */
  async loopHold({ pid }: RunningServer): Promise<LoopHold> {
    const child = this.#children.find((each) => each.pid === pid);
    if (child === undefined) throw new BenchError('the server has ended');
    const answer = once(child, 'message');
    child.send('how long?');
    const [hold] = await answer;
    return hold as LoopHold;
  }

  /** Has the loader do it, and returns what it measured. */
  async load(load: Load, { pid, target, speech }: RunningServer): Promise<Samples> {
    const { serverCore, loaderCore } = this.machine;
    const placement = { pid, serverCore, loaderCore };
    return this.#order({ load, target, speech, placement }, loaderCore);
  }

  /** Has the loader do what needs no server, on the server's core. */
  async compute(load: Load): Promise<Samples> {
    const { serverCore } = this.machine;
    const placement = { pid: 0, serverCore, loaderCore: -1 };
    return this.#order({ load, target: { port: 0 }, speech: 'raw', placement }, serverCore);
  }

  async #order(order: LoadOrder, core: number): Promise<Samples> {
    const child = startProgram(nodeProgram(entry('loader'), [JSON.stringify(order)], core));
    this.#children.push(child);
    const answer = JSON.parse(await firstLine(child, 'the loader', loadMs));
    if (answer.samples === undefined) throw new BenchError(`the loader failed: ${answer.error}`);
    this.disturbance ??= answer.disturbance;
    return answer.samples;
  }

  async clear(): Promise<void> {
    await Promise.all(this.#children.splice(0).map(endProgram));
  }
}
