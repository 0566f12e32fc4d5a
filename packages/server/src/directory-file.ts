import { readFileSync, type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Logger } from '@roomcast/engine';
import type * as z from 'zod';
import type { DirectorySource } from './directory.js';
import { EnvironmentError } from './errors.js';

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
  // Taken before the file is read, so that a change in between is seen. Node's own way to watch a file begins later.
  let seen = versionNow(path);
  let data = read(path, schema);
  const check = async () => {
    const version = await stat(path).then(versionOf, () => none);
    if (version === seen) return;
    seen = version;
    data = read(path, schema);
    logger.info({ path }, 'the directory was read again');
    options.onChange?.();
  };
  const timer = setInterval(() => {
    check().catch((error: unknown) => {
      logger.error({ err: error }, 'the directory has changed and can not be used: the last good one stays');
    });
  }, checkEveryMs).unref();
  return {
    ask: (question) => options.answer(data, question),
    close: () => clearInterval(timer),
  };
}

/** What differs between two contents, also where a file replaces another as editors and config maps do it. */
function versionOf({ ino, size, mtimeMs, ctimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
}

const none = 'none';

function versionNow(path: string): string {
  try {
    return versionOf(statSync(path));
  } catch {
    // Reading the file is what tells why it can't be used.
    return none;
  }
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
