import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const microsPerTick = 10_000;
const hasProc = process.platform === 'linux';

/** User and system time of a process and all its threads, in microseconds. */
export function cpuMicrosOf(pid: number): number {
  if (!hasProc) return psMicros(pid);
  let nanos = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      nanos += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]);
    } catch {
      // The thread ended between the listing and the reading.
    }
  }
  return nanos / 1000;
}

/** The memory of a process that is in RAM, in bytes. */
export function rssBytesOf(pid: number): number {
  if (!hasProc) return Number(ps('rss=', pid)) * 1024;
  const line = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'));
  return Number(line?.[1] ?? 0) * 1024;
}

/** What a process has written, to sockets too, in bytes. Known on Linux only: elsewhere 0. */
export function writtenBytesOf(pid: number): number {
  if (!hasProc) return 0;
  return Number(/^wchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'latin1'))?.[1] ?? 0);
}

/** What a core did since the machine started, in microseconds; undefined where the system does not tell. */
export interface CoreTime {
  readonly busyMicros: number;
  /** Taken by other guests of the same host. */
  readonly stolenMicros: number;
}

export function coreTime(core: number): CoreTime | undefined {
  if (!hasProc || core < 0) return undefined;
  const line = readFileSync('/proc/stat', 'latin1')
    .split('\n')
    .find((each) => each.startsWith(`cpu${core} `));
  if (line === undefined) return undefined;
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(/\s+/).slice(1).map(Number);
  return {
    busyMicros: (user + nice + system + irq + softirq) * microsPerTick,
    stolenMicros: steal * microsPerTick,
  };
}

/** Coarser than /proc (hundredths of a second), which is enough for phases of seconds. */
function psMicros(pid: number): number {
  const parts = ps('cputime=', pid).split(/[-:]/).map(Number);
  return parts.reduce((seconds, part) => seconds * 60 + part, 0) * 1_000_000;
}

function ps(column: string, pid: number): string {
  return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'latin1' }).trim();
}
