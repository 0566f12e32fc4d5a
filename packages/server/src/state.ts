import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Clock, type Logger, systemClock } from '@roomcast/engine';
import type * as z from 'zod';
import { EnvironmentError } from './errors.js';

/** Where a value survives a restart. */
export interface StateStore<Value> {
  /** Several instances save it in the same place: one of them at a time should. */
  readonly isShared: boolean;
  /** What was saved last; undefined where there is nothing, or nothing that can be used. */
  load(): Value | undefined | Promise<Value | undefined>;
  save(value: Value): Promise<void>;
  /** Told of what was saved, where `load` could not have it yet. */
  onLate(listener: (value: Value) => void): void;
}

/** A value that survives a restart in a file. */
export interface StateFile<Value> extends StateStore<Value> {
  readonly path: string;
  /** What was saved last; undefined where there is nothing, or nothing that can be used. */
  load(): Value | undefined;
  /** Replaces what was saved: a crash at any moment leaves the old value or the new one. */
  save(value: Value): Promise<void>;
}

/**
 * A JSON file in the state folder. One that is no JSON or does not fit the schema is put aside as `<name>.json.bad` with
 * a warning, never an error: a server must be able to start again.
 *
 * Throws `EnvironmentError` where the folder can't be made.
 */
export function stateFile<Schema extends z.ZodType>(
  dir: string,
  name: string,
  schema: Schema,
  logger: Logger,
): StateFile<z.output<Schema>> {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw EnvironmentError.of('STATE_DIR', `expected a folder that can be written, got ${code} at ${dir}`, {
      cause: error,
    });
  }
  const path = join(dir, `${name}.json`);
  let saved: string | undefined;
  let saving: Promise<void> = Promise.resolve();
  return {
    path,
    isShared: false,
    onLate() {},
    load() {
      const text = readIfThere(path);
      if (text === undefined) return undefined;
      const value = parse(text, schema);
      if (value === undefined) {
        renameSync(path, `${path}.bad`);
        logger.warn({ file: path, keptAs: `${path}.bad` }, 'saved state can not be used: starting without it');
      }
      return value;
    },
    save(value) {
      const text = JSON.stringify(value);
      // One after the other: two writers of the temporary file would mix.
      saving = saving
        .catch(() => {})
        .then(async () => {
          if (text === saved) return;
          await replace(path, text);
          saved = text;
        });
      return saving;
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw EnvironmentError.of('STATE_DIR', `expected files that can be read, got ${String(error)}`, { cause: error });
  }
}

function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: as useless as JSON of another shape.
    return undefined;
  }
}

async function replace(path: string, text: string): Promise<void> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  // The rename itself is on disk only when the folder is.
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

export interface StateKeeperOptions<Value> {
  file: Pick<StateStore<Value>, 'save'>;
  /** The value as it is now. */
  read(): Value;
  logger: Logger;
  /** Whether it is this instance's turn to save. @default it always is */
  isDue?(): boolean;
  /** Between saves, in milliseconds. @default 10000 */
  everyMs?: number;
  /** @default the machine's time */
  clock?: Clock;
}

/** Saves a value on a timer; `close` ends that with a last save. A save that fails is logged and tried again later. */
export function keepState<Value>(options: StateKeeperOptions<Value>): { close(): Promise<void> } {
  const { file, read, logger, isDue = () => true, everyMs = 10_000, clock = systemClock } = options;
  const stop = clock.every(everyMs, () => {
    if (!isDue()) return;
    file.save(read()).catch((error: unknown) => logger.error({ err: error }, 'saving state failed'));
  });
  return {
    async close() {
      stop();
      if (isDue()) await file.save(read());
    },
  };
}
