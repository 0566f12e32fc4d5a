import type { Clock } from '../clock.js';

export interface HeartbeatOptions {
  /** How often `beat` is called. Servers measure their clients' silence, so what they send changes nothing about it. */
  intervalMs: number;
  /** Dead is a peer that sends nothing at all for this long after a beat. */
  timeoutMs: number;
  /** Sends what the server will answer. */
  beat(): void;
}

type State =
  | { is: 'stopped' }
  | { is: 'resting'; cancel: () => void }
  /** `again`: the answer to the beat before this may have come while nothing could be noticed. */
  | { is: 'awaiting'; since: number; again: boolean; cancel: () => void };

/**
 * Notices a peer that is gone without a word. Timers only say when to look; the clock decides, since timers stand still
 * while a computer sleeps and come late in a background tab.
 */
export class Heartbeat {
  #state: State = { is: 'stopped' };

  constructor(
    private readonly options: HeartbeatOptions,
    private readonly clock: Clock,
    private readonly onSilence: () => void,
  ) {}

  start(): void {
    this.stop();
    this.#rest(this.options.intervalMs);
  }

  /** Something came from the peer. */
  received(): void {
    if (this.#state.is !== 'awaiting') return;
    const { since, cancel } = this.#state;
    cancel();
    const { intervalMs } = this.options;
    const passed = this.clock.now() - since;
    this.#rest(Math.min(Math.max(0, intervalMs - passed), intervalMs));
  }

  stop(): void {
    if (this.#state.is !== 'stopped') this.#state.cancel();
    this.#state = { is: 'stopped' };
  }

  #rest(ms: number): void {
    this.#state = { is: 'resting', cancel: this.clock.after(ms, () => this.#beat(false)) };
  }

  #beat(again: boolean): void {
    const { timeoutMs } = this.options;
    this.#state = { is: 'awaiting', since: this.clock.now(), again, cancel: this.#lookIn(timeoutMs) };
    this.options.beat();
  }

  #lookIn(ms: number): () => void {
    return this.clock.after(ms, () => this.#look());
  }

  #look(): void {
    if (this.#state.is !== 'awaiting') return;
    const { since, again } = this.#state;
    const { timeoutMs } = this.options;
    const silentMs = this.clock.now() - since;
    if (silentMs < timeoutMs) {
      // Early, or somebody set the clock back: the rest of the time, counted from now if need be.
      const left = Math.min(timeoutMs - silentMs, timeoutMs);
      this.#state = { is: 'awaiting', since: Math.min(since, this.clock.now()), again, cancel: this.#lookIn(left) };
    } else if (silentMs >= 2 * timeoutMs && !again) {
      // Much too late: the computer slept, and the answer may still lie unread. One more beat tells.
      this.#beat(true);
    } else {
      this.#state = { is: 'stopped' };
      this.onSilence();
    }
  }
}
