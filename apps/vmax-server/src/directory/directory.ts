import { readFileSync } from 'node:fs';
import type { Clock, Logger } from '@roomcast/engine';
import { directoryFile, directoryUrl } from '@roomcast/server';
import type { FleetLookup } from '@roomcast/vmax-gateway';
import { isId } from '@roomcast/vmax-protocol';
import * as z from 'zod';
import type { VmaxEnvironment } from '../environment.js';
import { dataFile } from '../package-files.js';
import { type DirectoryData, directorySchema } from './data.js';

/** Who may see what, and who can log in. */
export interface VmaxDirectory {
  /** Absent where there is no directory: then only what tokens say counts. */
  readonly fleetOf: FleetLookup | undefined;
  /** What is known now; absent where nobody can log in here. */
  readonly data: (() => Promise<DirectoryData>) | undefined;
  close(): void;
}

export interface DirectoryHost {
  logger: Logger;
  clock: Clock;
  /** The directory could not answer. */
  onFailure(): void;
  /** Its answers may have changed. */
  onChange(): void;
}

/** How often answers that a backend gave are asked for again, in milliseconds. */
const recheckEveryMs = 30_000;

const answerSchema = z.object({ fleetId: z.string().refine(isId) });

/** The directory of the environment: a file, a backend behind HTTP, the demo's, or none. */
export function openDirectory(env: VmaxEnvironment, host: DirectoryHost): VmaxDirectory {
  if (env.DIRECTORY_FILE !== undefined) return ofFile(env.DIRECTORY_FILE, host);
  const demo = env.DEMO ? demoDirectory() : undefined;
  const data = demo && (() => Promise.resolve(demo));
  if (env.DIRECTORY_URL !== undefined) return { ...ofUrl(env.DIRECTORY_URL, host), data };
  return { fleetOf: demo && ((regulatorId) => demo.fleetOf(regulatorId)), data, close() {} };
}

/** The directory that comes with the package. */
export function demoDirectory(): DirectoryData {
  return directorySchema.parse(JSON.parse(readFileSync(dataFile('demo-directory.json'), 'utf8')));
}

function ofFile(path: string, { logger, onChange }: DirectoryHost): VmaxDirectory {
  const file = directoryFile({
    path,
    schema: directorySchema,
    logger,
    onChange,
    answer: (data: DirectoryData) => data,
  });
  const data = async () => {
    const found = await file.ask(undefined);
    // A file that could not be read has ended the program at its start, and later the last good one stays.
    if (found === undefined) throw new Error(`nothing was read from ${path}`);
    return found;
  };
  return {
    fleetOf: async (regulatorId) => (await data()).fleetOf(regulatorId),
    data,
    close: () => file.close(),
  };
}

function ofUrl(url: string, { logger, clock, onFailure, onChange }: DirectoryHost): VmaxDirectory {
  const backend = directoryUrl<{ regulatorId: string }, typeof answerSchema>({
    url,
    schema: answerSchema,
    logger,
    clock,
    onFailure,
  });
  const stop = clock.every(recheckEveryMs, onChange);
  return {
    fleetOf: async (regulatorId) => (await backend.ask({ regulatorId }))?.fleetId,
    data: undefined,
    close() {
      stop();
      backend.close();
    },
  };
}
