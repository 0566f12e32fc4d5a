import { availableParallelism } from 'node:os';
import type { Case } from './cases/case.js';
import { BenchError } from './errors.js';
import { type BenchOptions, readCommand } from './options.js';
import { makeFolder, reportOf, writeReport } from './report/files.js';
import { judge } from './report/summary.js';
import { caseText, goalsText } from './report/table.js';
import { inspectMachine } from './run/machine.js';
import { Patience } from './run/patience.js';
import { Progress } from './run/progress.js';
import { type CaseResult, runCase } from './run/rounds.js';

const defaultRounds = 5;
/** How much longer a run may take because others use the machine too, as a share of its length. */
const patienceShare = 0.5;

try {
  const command = readCommand(process.argv.slice(2));
  if ('text' in command) process.stdout.write(command.text);
  else await bench(command.run);
  process.exit(0);
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exit(1);
}

/** Runs the cases one after the other. After each the results are written, so that one that is stopped leaves them. */
async function bench({ cases, rounds, seconds, port, out, patient, full }: BenchOptions): Promise<void> {
  // Before anything is measured: a run takes long, and its results must have somewhere to go.
  makeFolder(out);
  const machine = inspectMachine();
  for (const remark of machine.remarks) console.log(`Note: ${remark}`);
  const roundsOf = (it: Case) => rounds ?? it.rounds ?? defaultRounds;
  const progress = new Progress(cases, roundsOf, (text) => console.error(text));
  const patience = new Patience(patient ? patienceShare : 0);
  const results: CaseResult[] = [];
  for (const it of cases) {
    const result = await runCase(it, {
      machine,
      seconds,
      port,
      rounds: roundsOf(it),
      patience,
      progress: (round, { name }, again) => progress.tell(it, round, name, again),
    });
    results.push(result);
    console.log(`\n${caseText(result)}\n`);
    const complete = full && results.length === cases.length;
    const report = reportOf(results, { machine, seconds, cores: availableParallelism() });
    writeReport(out, complete ? 'latest' : 'partial', report);
  }
  const judged = results.flatMap((result) => result.of.goals.map((goal) => judge(result, goal)));
  if (judged.length > 0) console.log(`${goalsText(judged)}\n`);
}
