import type { Clock, Stop } from './clock.js';
import type { Session } from './rooms/session.js';

/** Sessions looked at before the event loop gets its turn: about 0.1 ms of work. */
const sliceSize = 1000;

/**
 * Ends sessions whose time is up, and pings silent ones. One sweep over all sessions instead of timers in each: idle
 * connections cost nothing between sweeps, and deadlines are kept to within the sweep's interval.
 */
export class Deadlines {
  #sweeping = false;
  readonly #stop: Stop;

  constructor(
    readonly clock: Clock,
    intervalMs: number,
    readonly sessions: () => Iterable<Session<unknown>>,
    readonly afterSweep: (now: number) => void,
  ) {
    this.#stop = clock.every(intervalMs, () => this.sweep());
  }

  stop(): void {
    this.#stop();
  }

  /** Starts a sweep, unless the one before is still under way. */
  sweep(): void {
    if (this.#sweeping) return;
    this.#sweeping = true;
    this.#slice(this.sessions()[Symbol.iterator]());
  }

  #slice(sessions: Iterator<Session<unknown>>): void {
    const now = this.clock.now();
    for (let looked = 0; looked < sliceSize; looked++) {
      const next = sessions.next();
      if (next.done) {
        this.#sweeping = false;
        this.afterSweep(now);
        return;
      }
      checkDeadlines(next.value, now);
    }
    setImmediate(() => this.#slice(sessions));
  }
}

function checkDeadlines(session: Session<unknown>, now: number): void {
  const { idleTimeoutMs, pingIntervalMs } = session.host.limits;
  if (session.closeBy > 0) {
    if (now >= session.closeBy) session.terminate();
  } else if (session.expiresAt > 0 && now >= session.expiresAt) {
    session.dismiss('expired');
  } else if (session.authenticateBy > 0 && now >= session.authenticateBy) {
    session.dismiss('authenticationTimeout');
  } else if (idleTimeoutMs > 0 && now - session.lastReceivedAt >= idleTimeoutMs) {
    session.dismiss('idle');
  } else if (pingIntervalMs > 0) {
    if (session.pingedAt > 0) {
      if (now - session.pingedAt >= pingIntervalMs) session.dismiss('unresponsive');
    } else if (now - session.lastAliveAt >= pingIntervalMs) {
      session.pingedAt = now;
      session.transport.ping();
    }
  }
}
