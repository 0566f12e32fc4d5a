import { readFileSync } from 'node:fs';
import type { Clock, Logger } from '@roomcast/engine';
import type { FalconDirectory } from '@roomcast/falcon-gateway';
import { directoryFile, directoryUrl } from '@roomcast/server';
import * as z from 'zod';
import type { FalconEnvironment } from '../environment.js';
import { dataFile } from '../package-files.js';
import { type DirectoryData, directorySchema } from './data.js';

/** A directory with something to let go of at the end. */
export interface OpenDirectory extends FalconDirectory {
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

/** How often a backend is asked again about who is connected, in milliseconds. */
const recheckEveryMs = 30_000;

const groupsAnswer = z.object({ groups: z.array(z.object({ id: z.string(), name: z.string().optional() })) });
const roomAnswer = z.object({ allowed: z.boolean() });

/** The directory of the environment: a file, a backend behind HTTP, the demo's, or none. */
export function openDirectory(env: FalconEnvironment, host: DirectoryHost): OpenDirectory {
  if (env.DIRECTORY_FILE !== undefined) return ofFile(env.DIRECTORY_FILE, host);
  if (env.DIRECTORY_URL !== undefined) return ofUrl(env.DIRECTORY_URL, host);
  return env.DEMO ? { ...ofData(demoDirectory), close() {} } : { close() {} };
}

function ofData(data: () => DirectoryData): Required<FalconDirectory> {
  return {
    groupsOf: (userId) => data().groupsOf(userId),
    mayEnter: (userId, room) => data().mayEnter(userId, room),
  };
}

let demo: DirectoryData | undefined;

function demoDirectory(): DirectoryData {
  demo ??= directorySchema.parse(JSON.parse(readFileSync(dataFile('demo-directory.json'), 'utf8')));
  return demo;
}

function ofFile(path: string, { logger, onChange }: DirectoryHost): OpenDirectory {
  const file = directoryFile({
    path,
    schema: directorySchema,
    logger,
    onChange,
    answer: (data: DirectoryData) => data,
  });
  return {
    groupsOf: async (userId) => (await file.ask(undefined))?.groupsOf(userId),
    mayEnter: async (userId, room) => (await file.ask(undefined))?.mayEnter(userId, room),
    close: () => file.close(),
  };
}

function ofUrl(url: string, { logger, clock, onFailure, onChange }: DirectoryHost): OpenDirectory {
  // An answer that is remembered could be older than a change that was published.
  const common = { url, logger, clock, onFailure, ttlMs: 0 };
  const groups = directoryUrl<{ question: 'groups'; user_id: string }, typeof groupsAnswer>({
    ...common,
    schema: groupsAnswer,
  });
  const rooms = directoryUrl<{ question: 'room'; user_id: string; room: string }, typeof roomAnswer>({
    ...common,
    schema: roomAnswer,
  });
  const stop = clock.every(recheckEveryMs, onChange);
  return {
    groupsOf: async (user_id) => (await groups.ask({ question: 'groups', user_id }))?.groups,
    mayEnter: async (user_id, room) => (await rooms.ask({ question: 'room', user_id, room }))?.allowed,
    close() {
      stop();
      groups.close();
      rooms.close();
    },
  };
}
