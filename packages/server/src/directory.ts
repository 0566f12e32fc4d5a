import type { Logger } from '@roomcast/engine';
import type * as z from 'zod';
import { directoryFile } from './directory-file.js';
import { directoryUrl } from './directory-url.js';

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

/** What a service tells about its directory, for whichever source the environment names. */
export interface DirectoryOptions<Data extends z.ZodType, Answer extends z.ZodType, Question> {
  /** What a file holds, and how it answers. */
  file: { schema: Data; answer(data: z.output<Data>, question: Question): z.output<Answer> | undefined };
  /** What an HTTP callback answers. */
  answer: Answer;
  logger: Logger;
  /** The file has changed: the moment to ask again who may be where (`mount.recheck`). */
  onChange?(): void;
  /** A question could not be answered: the moment to count (`metrics.directoryFailures`). */
  onFailure?(): void;
}

/** The directory that `DIRECTORY_FILE` or `DIRECTORY_URL` names; undefined where neither is set. */
export function directoryFrom<Data extends z.ZodType, Answer extends z.ZodType, Question>(
  env: { DIRECTORY_FILE?: string | undefined; DIRECTORY_URL?: string | undefined },
  { file, answer, logger, onChange, onFailure }: DirectoryOptions<Data, Answer, Question>,
): DirectorySource<Question, z.output<Answer>> | undefined {
  if (env.DIRECTORY_FILE !== undefined) {
    return directoryFile({ ...file, path: env.DIRECTORY_FILE, logger, ...(onChange && { onChange }) });
  }
  if (env.DIRECTORY_URL !== undefined) {
    return directoryUrl({ url: env.DIRECTORY_URL, schema: answer, logger, ...(onFailure && { onFailure }) });
  }
  return undefined;
}
