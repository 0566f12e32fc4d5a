import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** What there is to run on. */
export interface Machine {
  /** The core of the servers and that of the loader; -1 where processes can't be pinned. */
  readonly serverCore: number;
  readonly loaderCore: number;
  /** Files, and so sockets, that one process may have open. */
  readonly maxFiles: number;
  /** Programs of the system that some contenders need. */
  readonly tools: ReadonlySet<string>;
  /** What is not as it should be, in sentences. */
  readonly remarks: readonly string[];
}

const optionalTools = ['bun', 'redis-server', 'nats-server'];

export function inspectMachine(): Machine {
  const remarks: string[] = [];
  const tools = new Set([...optionalTools, 'taskset'].filter(hasTool));
  const cores = allowedCores();
  const pinned = tools.has('taskset') && cores.length > 1;
  if (!tools.has('taskset')) remarks.push('taskset is missing: nothing is pinned to a core, figures are noisier');
  if (availableParallelism() < 2) remarks.push('there is one core: server and loader share it, latencies mean nothing');
  if (process.platform !== 'linux') remarks.push('not Linux: what other processes do is not seen, CPU is read from ps');
  return {
    serverCore: pinned ? (cores[0] ?? -1) : -1,
    loaderCore: pinned ? (cores.at(-1) ?? -1) : -1,
    maxFiles: maxFiles(),
    tools,
    remarks,
  };
}

function hasTool(name: string): boolean {
  return spawnSync(name, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** The cores this process may use, from `Cpus_allowed_list: 0-3,8`. */
function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readProc('/proc/self/status'))?.[1] ?? '';
  return list.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, n) => from + n);
  });
}

/** Node raises its own limit to the hard one. */
function maxFiles(): number {
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readProc('/proc/self/limits'))?.[1];
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

/** Empty where the system has no such file. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
