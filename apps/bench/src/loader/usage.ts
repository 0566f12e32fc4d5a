import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const microsPerTick = 10_000;
const hasProc = process.platform === 'linux';

/** What a process has had of the cores since it started, in microseconds. */
export interface ProcessTime {
  /** User and system time of all its threads. */
  readonly ran: number;
  /**
   * How long other processes kept its main thread waiting for a core; undefined where the system does not tell. What its
   * own threads ran meanwhile is not counted.
   */
  readonly waited: number | undefined;
}

export function processTimeOf(pid: number): ProcessTime {
  if (!hasProc) return { ran: psMicros(pid), waited: undefined };
  let [ran, waited] = [0, 0];
  for (const thread of threadsOf(pid)) {
    ran += thread.ranMicros;
    waited += thread.id === pid ? thread.waitedMicros : -thread.ranMicros;
  }
  return { ran, waited };
}

export const cpuMicrosOf = (pid: number): number => processTimeOf(pid).ran;

interface Thread {
  readonly id: number;
  readonly ranMicros: number;
  readonly waitedMicros: number;
}

/** From `schedstat`: nanoseconds on a core, nanoseconds of waiting for one. */
function threadsOf(pid: number): Thread[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1')
        .split(' ')
        .map(Number);
      return [{ id: Number(task), ranMicros: ran / 1000, waitedMicros: waited / 1000 }];
    } catch {
      // The thread ended between the listing and the reading.
      return [];
    }
  });
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

/** What other guests of the same host have taken of a core, in microseconds; undefined where the system does not tell. */
export function stolenMicrosOf(core: number): number | undefined {
  if (!hasProc || core < 0) return undefined;
  const line = readFileSync('/proc/stat', 'latin1')
    .split('\n')
    .find((each) => each.startsWith(`cpu${core} `));
  // Busy and idle of this line are of no use: they are sampled by a clock, and so are the loader's events.
  const steal = line?.split(/\s+/)[8];
  return steal === undefined ? undefined : Number(steal) * microsPerTick;
}

/** Coarser than /proc (hundredths of a second), which is enough for phases of seconds. */
function psMicros(pid: number): number {
  const parts = ps('cputime=', pid).split(/[-:]/).map(Number);
  return parts.reduce((seconds, part) => seconds * 60 + part, 0) * 1_000_000;
}

function ps(column: string, pid: number): string {
  return execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'latin1' }).trim();
}
