import type { Case } from '../cases/case.js';
import { BenchError } from '../errors.js';
import type { Samples } from '../loader/meter.js';
import type { Contender } from './contenders.js';
import type { Machine } from './machine.js';
import { Stage } from './stage.js';

/** What one round measured, by contender. One whose measurement failed is missing. */
export type Round = Readonly<Record<string, Samples>>;

export interface CaseResult {
  readonly of: Case;
  readonly rounds: readonly Round[];
  /** Contenders that did not take part, or failed, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

export interface RunOptions {
  readonly machine: Machine;
  readonly seconds: number;
  readonly port: number;
  readonly rounds: number;
  /** Told before each measurement. */
  progress(round: number, contender: Contender): void;
}

/** Files that a process has open besides its sockets. */
const otherFiles = 100;

/** Runs a case: all contenders once, then all of them again, so that whatever changes meanwhile changes for all. */
export async function runCase(it: Case, options: RunOptions): Promise<CaseResult> {
  const absent: Record<string, string> = {};
  const present = it.contenders.filter((contender) => {
    const reason = missing(it, contender, options.machine);
    if (reason !== undefined) absent[contender.name] = reason;
    return reason === undefined;
  });
  const rounds: Round[] = [];
  for (let n = 1; n <= options.rounds; n++) {
    const round: Record<string, Samples> = {};
    for (const contender of present) {
      options.progress(n, contender);
      const stage = new Stage(options.machine, options.seconds, options.port);
      try {
        round[contender.name] = await it.measure(contender, stage);
      } catch (error) {
        if (!(error instanceof BenchError) || error.fatal) throw error;
        absent[contender.name] = `round ${n}: ${error.message}`;
      } finally {
        await stage.clear();
      }
    }
    rounds.push(round);
  }
  return { of: it, rounds, absent };
}

function missing(it: Case, contender: Contender, { tools, maxFiles }: Machine): string | undefined {
  if (contender.needs !== undefined && !tools.has(contender.needs)) return `${contender.needs} is not installed`;
  if (it.sockets + otherFiles > maxFiles) {
    return `needs ${it.sockets} sockets, and a process may open ${maxFiles} files (ulimit -n)`;
  }
  return undefined;
}
