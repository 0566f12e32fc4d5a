import type { Case } from '../cases/case.js';
import { BenchError } from '../errors.js';
import type { Samples } from '../loader/meter.js';
import type { Contender } from './contenders.js';
import type { Machine } from './machine.js';
import type { Attempt, Patience } from './patience.js';
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
  readonly patience: Patience;
  /** Told before each measurement, and why it is done again where it is. */
  progress(round: number, contender: Contender, again?: string): void;
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
      try {
        round[contender.name] = await options.patience.undisturbed(async (disturbance) => {
          options.progress(n, contender, disturbance);
          return attempt(it, contender, options);
        });
      } catch (error) {
        if (!(error instanceof BenchError) || error.fatal) throw error;
        absent[contender.name] = `round ${n}: ${error.message}`;
      }
    }
    rounds.push(round);
  }
  return { of: it, rounds, absent };
}

async function attempt(it: Case, contender: Contender, options: RunOptions): Promise<Attempt<Samples>> {
  const stage = new Stage(options.machine, options.seconds, options.port);
  try {
    const result = await it.measure(contender, stage);
    return { result, disturbance: stage.disturbance };
  } finally {
    await stage.clear();
  }
}

function missing(it: Case, contender: Contender, { tools, maxFiles }: Machine): string | undefined {
  if (contender.needs !== undefined && !tools.has(contender.needs)) return `${contender.needs} is not installed`;
  if (it.sockets + otherFiles > maxFiles) {
    return `needs ${it.sockets} sockets, and a process may open ${maxFiles} files (ulimit -n)`;
  }
  return undefined;
}
