import type { Figure, Goal } from '../cases/case.js';
import type { Sample } from '../loader/meter.js';
import { naive, socketIo } from '../run/contenders.js';
import type { CaseResult } from '../run/rounds.js';
import { type Spread, spreadOf } from './spread.js';

/** One figure of one contender, over all rounds. */
export interface Cell {
  readonly metric: string;
  readonly value: Spread;
  /** Medians of the ratios within the rounds, where they are asked for and there is something to compare with. */
  readonly toNaive: Spread | undefined;
  readonly toSocketIo: Spread | undefined;
  /** Why it counts for no verdict. */
  readonly doubt: string | undefined;
}

export type Verdict = 'moonshot' | 'must' | 'missed' | 'none';

export interface Judged {
  readonly goal: Goal;
  readonly case: string;
  readonly reached: Spread | undefined;
  readonly verdict: Verdict;
  /** Why there is none. */
  readonly reason: string | undefined;
}

/** With fewer rounds than this that are beyond doubt there is no verdict. */
const minRounds = 3;
/** The distance between the rounds' extremes, as a share of their median, above which the machine is too noisy. */
const maxSpread = 0.5;

export function cellOf(result: CaseResult, contender: string, figure: Figure): Cell | undefined {
  const samples = take(result, contender, figure.metric);
  if (samples.length === 0) return undefined;
  const ratio = (to: string) =>
    figure.compared === true && to !== contender
      ? spreadOf(ratios(result, { of: contender, metric: figure.metric, to: { of: to } }).map(({ value }) => value))
      : undefined;
  return {
    metric: figure.metric,
    value: spreadOf(samples.map(({ value }) => value)) as Spread,
    toNaive: ratio(naive.name),
    toSocketIo: ratio(socketIo.name),
    doubt: samples.find(({ doubt }) => doubt !== undefined)?.doubt,
  };
}

export function judge(result: CaseResult, goal: Goal): Judged {
  const samples = goal.to === undefined ? take(result, goal.of, goal.metric) : ratios(result, { ...goal, to: goal.to });
  const certain = samples.filter(({ doubt }) => doubt === undefined);
  const counted = certain.length >= minRounds ? certain : samples;
  const reached = spreadOf(counted.map(({ value }) => value));
  const reason = whyNone(result, goal, samples, certain, reached);
  const verdict = reason !== undefined || reached === undefined ? 'none' : verdictOf(goal, reached.median);
  return { goal, case: result.of.name, reached, verdict, reason };
}

function verdictOf({ must, moonshot }: Goal, value: number): Verdict {
  return value <= moonshot ? 'moonshot' : value <= must ? 'must' : 'missed';
}

function whyNone(
  result: CaseResult,
  goal: Goal,
  samples: readonly Sample[],
  certain: readonly Sample[],
  reached: Spread | undefined,
): string | undefined {
  if (reached === undefined) {
    return result.absent[goal.of] ?? result.absent[goal.to?.of ?? ''] ?? 'it was not measured';
  }
  if (samples.length < minRounds) return `${rounds(samples.length)}, and a verdict needs ${minRounds}`;
  if (certain.length < minRounds) return samples.find(({ doubt }) => doubt !== undefined)?.doubt;
  if (reached.share > maxSpread)
    return `rounds differ by ${Math.round(reached.share * 100)} %: the machine is too noisy`;
  return undefined;
}

function rounds(count: number): string {
  return count === 1 ? 'one round' : `${count} rounds`;
}

function take({ rounds }: CaseResult, contender: string, metric: string): Sample[] {
  return rounds.map((round) => round[contender]?.[metric]).filter((sample) => sample !== undefined);
}

/** The ratios within the rounds, each in doubt where one of its two figures is. */
function ratios({ rounds }: CaseResult, { of, metric, to }: Required<Pick<Goal, 'of' | 'metric' | 'to'>>): Sample[] {
  return rounds.flatMap((round): Sample[] => {
    const figure = round[of]?.[metric];
    const base = round[to.of ?? of]?.[to.metric ?? metric];
    if (figure === undefined || base === undefined) return [];
    const doubt = figure.doubt ?? base.doubt;
    const value = figure.value / base.value;
    return [doubt === undefined ? { value } : { value, doubt }];
  });
}
