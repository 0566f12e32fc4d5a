import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import type { Machine } from '../run/machine.js';
import type { CaseResult } from '../run/rounds.js';
import { chartSvg, groupsOf } from './chart.js';
import { cellOf, judge } from './summary.js';
import { caseText, goalsText } from './table.js';

export interface Report {
  readonly text: string;
  readonly json: object;
  readonly svg: string;
}

/** How it was run. The machine's name and maker are not part of it. */
export interface Setting {
  readonly machine: Machine;
  readonly seconds: number;
  readonly cores: number;
}

export function reportOf(results: readonly CaseResult[], { machine, seconds, cores }: Setting): Report {
  const judged = results.flatMap((result) => result.of.goals.map((goal) => judge(result, goal)));
  const pinned = machine.serverCore >= 0;
  const setting = `Node ${process.versions.node}, ${cores} cores, ${pinned ? 'pinned' : 'not pinned'}, phases of ${seconds} s`;
  const text = [`# Roomcast benchmark\n\n${setting}`, ...machine.remarks, ...results.map(caseText)];
  if (judged.length > 0) text.push(goalsText(judged));
  return {
    text: `${text.join('\n\n')}\n`,
    json: {
      node: process.versions.node,
      platform: process.platform,
      cores,
      pinned,
      seconds,
      remarks: machine.remarks,
      goals: judged.map(({ goal, ...rest }) => ({ ...goal, ...rest })),
      cases: results.map((result) => ({
        name: result.of.name,
        title: result.of.title,
        absent: result.absent,
        figures: result.of.figures.map((figure) => ({
          ...figure,
          contenders: Object.fromEntries(
            result.of.contenders.map(({ name }) => [name, cellOf(result, name, figure)]).filter(([, cell]) => cell),
          ),
        })),
        rounds: result.rounds,
      })),
    },
    svg: chartSvg(groupsOf(results)),
  };
}

/** Makes the folder where it is missing. Throws `BenchError` where nothing can be written into it. */
export function makeFolder(folder: string): void {
  orSay(() => {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  });
}

/** Writes `NAME.txt`, `.json` and `.svg`. Throws `BenchError` where that fails. */
export function writeReport(folder: string, name: string, { text, json, svg }: Report): void {
  orSay(() => {
    writeFileSync(join(folder, `${name}.txt`), text);
    writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(json, null, 2)}\n`);
    writeFileSync(join(folder, `${name}.svg`), svg);
  });
}

function orSay(write: () => void): void {
  try {
    write();
  } catch (error) {
    throw new BenchError(`the results can't be written: ${error instanceof Error ? error.message : error}`, true);
  }
}
