import type { Clock, Logger } from '@roomcast/engine';
import { directoryFile, directoryUrl } from '@roomcast/server';
import type { GuildsOf } from '@roomcast/spywatcher-gateway';
import { isId } from '@roomcast/spywatcher-protocol';
import * as z from 'zod';
import type { SpywatcherEnvironment } from './environment.js';
import { dataFile } from './package-files.js';

/** Which guilds users may see, beside those that their tokens name. */
export interface SpywatcherDirectory {
  /** Absent where there is none: then only what tokens say counts. */
  readonly guildsOf: GuildsOf | undefined;
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

const guilds = z.array(z.string().refine(isId, 'expected the id of a guild'));
const fileSchema = z
  .object({ users: z.record(z.string(), guilds) })
  .transform(({ users }) => new Map(Object.entries(users)));
const answerSchema = z.object({ guilds });

/** The directory of the environment: a file, a backend behind HTTP, the demo's, or none. */
export function openDirectory(env: SpywatcherEnvironment, host: DirectoryHost): SpywatcherDirectory {
  if (env.DIRECTORY_FILE !== undefined) return ofFile(env.DIRECTORY_FILE, host);
  if (env.DIRECTORY_URL !== undefined) return ofUrl(env.DIRECTORY_URL, host);
  if (env.DEMO) return ofFile(dataFile('demo-directory.json'), host);
  return { guildsOf: undefined, close() {} };
}

function ofFile(path: string, { logger, onChange }: DirectoryHost): SpywatcherDirectory {
  const file = directoryFile({
    path,
    schema: fileSchema,
    logger,
    onChange,
    answer: (users: ReadonlyMap<string, string[]>, discordId: string) => users.get(discordId),
  });
  return { guildsOf: file.ask, close: () => file.close() };
}

function ofUrl(url: string, { logger, clock, onFailure, onChange }: DirectoryHost): SpywatcherDirectory {
  const backend = directoryUrl<{ discordId: string }, typeof answerSchema>({
    url,
    schema: answerSchema,
    logger,
    clock,
    onFailure,
  });
  const stop = clock.every(recheckEveryMs, onChange);
  return {
    guildsOf: async (discordId) => (await backend.ask({ discordId }))?.guilds,
    close() {
      stop();
      backend.close();
    },
  };
}
