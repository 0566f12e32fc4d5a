import type { Samples } from '../loader/meter.js';
import type { Contender } from '../run/contenders.js';
import type { Stage } from '../run/stage.js';

/** One column of a case's table. */
export interface Figure {
  /** A name among the samples. */
  readonly metric: string;
  readonly title: string;
  readonly unit: 'µs' | 'ms' | 'bytes' | 'MB' | '/s' | 'thousand' | '×';
  /** Whether ratios to the naive server and to Socket.IO are shown. @default false */
  readonly compared?: boolean;
}

/** What is to be reached: at most `must`, and at best `moonshot`. */
export interface Goal {
  readonly title: string;
  /** The contender it is about, and the sample. */
  readonly of: string;
  readonly metric: string;
  /**
   * What it is a ratio to, within the same round: another contender, another sample, or both. @default it is no ratio,
   * but the figure itself
   */
  readonly to?: { readonly of?: string; readonly metric?: string };
  readonly must: number;
  readonly moonshot: number;
}

/** One question, and everybody it is put to. */
export interface Case {
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly Contender[];
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
  /** Sockets that one process has open at most. */
  readonly sockets: number;
  /** How long a measurement takes about, in seconds, with phases of two seconds. For the progress line. */
  readonly about: number;
  /** Rounds unless the user says otherwise. @default that of the run */
  readonly rounds?: number;
  measure(contender: Contender, stage: Stage): Promise<Samples>;
}

/** CPU per delivery, with the ratios that the benchmark is about. */
export const cpuFigure = (metric: string, title: string): Figure => ({ metric, title, unit: 'µs', compared: true });
