import { rawPublish } from '../loader/raw-speech.js';
import type { Speech } from '../loader/speech.js';

/** Where events come in for every dialect: a mount of the raw protocol beside it, so that publishing costs all the same. */
export const publishPath = '/publish';

/** The publisher's side of a dialect, which publishes `eventOf(n)`. */
export function publishedBeside(
  eventOf: (n: number) => string,
): Pick<Speech, 'publisherPath' | 'publisherJoin' | 'publish'> {
  return {
    publisherPath: publishPath,
    publisherJoin: [{ send: '{"t":"ping"}', frames: 1 }],
    publish: (room, n) => rawPublish(room, eventOf(n)),
  };
}
