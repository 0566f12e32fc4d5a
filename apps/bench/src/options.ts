import { parseArgs } from 'node:util';
import type { Case } from './cases/case.js';
import { cases, quickCases } from './cases/index.js';
import { resultsFolder } from './entries.js';
import { BenchError } from './errors.js';
import { naive, ours, socketIo } from './run/contenders.js';

export interface BenchOptions {
  readonly cases: readonly Case[];
  /** Undefined: five, or what a case says. */
  readonly rounds: number | undefined;
  /** Of each measured phase. */
  readonly seconds: number;
  /** Servers listen at it. 0: any free one. */
  readonly port: number;
  readonly out: string;
  /** Measures again what others on the machine disturbed. */
  readonly patient: boolean;
  /** Every case with its defaults: what is worth being published. */
  readonly full: boolean;
}

export const usage = `Usage: pnpm bench [options]

  --quick         three cases, one round each, no dialects, under a minute
  --case NAME     only this case; may be repeated
  --rounds N      rounds of each case            (5; some cases have 3)
  --seconds N     length of each measured phase  (1.5)
  --port N        where the servers listen       (any free port)
  --out FOLDER    where the results go           (apps/bench/results)
  --list          the names of the cases
  --help          this text
`;

/** A text that answers the user at once, or what is to be run. */
export type Command = { readonly text: string } | { readonly run: BenchOptions };

const quickSeconds = 0.6;
const defaultSeconds = 1.5;
const maxPort = 65_535;

/** Reads the command line. Throws `BenchError`, one line, where it makes no sense. */
export function readCommand(args: readonly string[]): Command {
  const values = parse(args);
  if (values.help === true) return { text: usage };
  if (values.list === true)
    return { text: `${cases.map(({ name, title }) => `${name.padEnd(18)}${title}`).join('\n')}\n` };
  const quick = values.quick === true;
  const names = values.case ?? (quick ? quickCases : undefined);
  const rounds = number('rounds', values.rounds, 1, 1000, true) ?? (quick ? 1 : undefined);
  const seconds = number('seconds', values.seconds, 0.05, 600, false);
  const run: BenchOptions = {
    cases: names === undefined ? cases : [...new Set(names)].map(caseNamed).map((it) => (quick ? quickly(it) : it)),
    rounds,
    seconds: seconds ?? (quick ? quickSeconds : defaultSeconds),
    port: number('port', values.port, 0, maxPort, true) ?? 0,
    out: values.out ?? resultsFolder,
    patient: !quick,
    full: names === undefined && rounds === undefined && seconds === undefined,
  };
  return { run };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean' },
        case: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        seconds: { type: 'string' },
        port: { type: 'string' },
        out: { type: 'string' },
        list: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [sentence] = String(error instanceof Error ? error.message : error).split('. ');
    throw new BenchError(`${sentence}; --help lists the options`);
  }
}

/** Without the dialects, and without what is to be reached: one round is no verdict. */
function quickly(it: Case): Case {
  const contenders = it.contenders.filter((contender) => [naive, socketIo, ours].includes(contender));
  return { ...it, contenders: contenders.length === 0 ? it.contenders : contenders, goals: [] };
}

function caseNamed(name: string): Case {
  const found = cases.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw new BenchError(
    `--case: expected one of ${cases.map((each) => each.name).join(', ')}, got ${JSON.stringify(name)}`,
  );
}

function number(option: string, text: string | undefined, least: number, most: number, whole: boolean) {
  if (text === undefined) return undefined;
  const value = Number(text);
  const fits = text.trim() !== '' && value >= least && value <= most && (!whole || Number.isInteger(value));
  if (fits) return value;
  const kind = whole ? 'a whole number' : 'a number';
  throw new BenchError(`--${option}: expected ${kind} from ${least} to ${most}, got ${JSON.stringify(text)}`);
}
