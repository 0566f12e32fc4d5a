import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import type { Logger } from '@roomcast/engine';
import type * as z from 'zod';
import { EnvironmentError } from './errors.js';

/**
 * Who may see what: answers a question of the service's (which fleet is this regulator in?). Undefined: not known, or not
 * to be found out at the moment, which are both a no.
 */
export type Directory<Question, Answer> = (question: Question) => Answer | undefined | Promise<Answer | undefined>;

/** A directory with something to let go of at the end. */
export interface DirectorySource<Question, Answer> {
  readonly ask: Directory<Question, Answer>;
  close(): void;
}

export interface DirectoryFileOptions<Schema extends z.ZodType, Question, Answer> {
  path: string;
  /** What the file holds. A transform is the place to build what answering needs. */
  schema: Schema;
  /** Answers from what the file holds. */
  answer(data: z.output<Schema>, question: Question): Answer | undefined;
  /** Told when the file has changed and was read, for asking again who may be where (`mount.recheck`). */
  onChange?(): void;
  logger: Logger;
  /** How often the file is looked at, in milliseconds. @default 1000 */
  checkEveryMs?: number;
}

/**
 * A directory in a JSON file, which is read again when it changes. A change that can't be used is logged and the last
 * good content stays.
 *
 * Throws `EnvironmentError` where the file can't be used at the start.
 */
export function directoryFile<Schema extends z.ZodType, Question, Answer>(
  options: DirectoryFileOptions<Schema, Question, Answer>,
): DirectorySource<Question, Answer> {
  const { path, schema, logger, checkEveryMs = 1000 } = options;
  let data = read(path, schema);
  const onStat = () => {
    try {
      data = read(path, schema);
    } catch (error) {
      logger.error({ err: error }, 'the directory has changed and can not be used: the last good one stays');
      return;
    }
    logger.info({ path }, 'the directory was read again');
    options.onChange?.();
  };
  // Editors and config maps replace files instead of writing to them, which other ways to watch a file would miss.
  watchFile(path, { interval: checkEveryMs, persistent: false }, onStat);
  return {
    ask: (question) => options.answer(data, question),
    close: () => unwatchFile(path, onStat),
  };
}

function read<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'no JSON' : (error as NodeJS.ErrnoException).code;
    throw EnvironmentError.of('DIRECTORY_FILE', `expected a JSON file, got ${why} at ${path}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') || 'its top level';
  throw EnvironmentError.of('DIRECTORY_FILE', `expected ${path} to fit the schema; at ${where}: ${issue?.message}`);
}
