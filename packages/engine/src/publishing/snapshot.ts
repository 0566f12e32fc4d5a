import { isPromise } from '../handlers.js';
import type { Session } from '../rooms/session.js';

/** What a snapshot may have waiting at the socket before it pauses, in bytes: a quarter of what a slow reader may. */
const maxAheadBytes = 256 * 1024;

/**
 * Sends a session the present state and then what changes it, with nothing lost, doubled or out of order between the
 * two. Call it in the same turn as the joins: `await session.join(…)` first, then this. Events that come while the
 * snapshot is loaded or sent wait (within the session's byte limit) and follow it. A snapshot of any size is sent as
 * fast as the client reads it, so that it never counts as a slow reader for what it asked for.
 *
 * @param load the snapshot as WebSocket frames, of the moment in which it is called
 */
export function snapshotThenLive<Data>(
  session: Session<Data>,
  load: () => Iterable<Buffer> | Promise<Iterable<Buffer>>,
): void | Promise<void> {
  session.holdEvents();
  let sent: void | Promise<void>;
  try {
    const loaded = load();
    sent = isPromise(loaded)
      ? Promise.resolve(loaded).then((frames) => send(session, frames[Symbol.iterator]()))
      : send(session, loaded[Symbol.iterator]());
  } catch (error) {
    session.resumeEvents();
    throw error;
  }
  if (sent !== undefined) return sent.finally(() => session.resumeEvents());
  session.resumeEvents();
}

function send<Data>(session: Session<Data>, frames: Iterator<Buffer>): void | Promise<void> {
  let ahead = 0;
  for (let next = frames.next(); !next.done && session.state === 'open'; next = frames.next()) {
    session.sendAhead(next.value);
    ahead += next.value.length;
    if (ahead >= maxAheadBytes) return session.flushed().then(() => send(session, frames));
  }
}
