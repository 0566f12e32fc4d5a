import type { Clock } from '@roomcast/client-core';

/** How long the answer that an error belongs to may take to follow it. */
const holdMs = 1_000;

/**
 * Errors that the server sends as events. Servers that answer tell a refusal twice: as an error that does not name the
 * guild, which concerns everybody, then as the answer that does. Such an error waits for the answer, and goes with it.
 */
export class ReportedErrors {
  #held: { readonly reason: string; readonly cancel: () => void } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (reason: string) => void,
  ) {}

  /** @param isAwaited whether answers are to come, of which one may say the same */
  heard(reason: string, isAwaited: boolean): void {
    this.flush();
    if (isAwaited) this.#held = { reason, cancel: this.clock.after(holdMs, () => this.flush()) };
    else this.tell(reason);
  }

  /** @param reason what the answer says, undefined where it refuses nothing */
  answered(reason: unknown): void {
    if (this.#held?.reason === reason) this.clear();
    else this.flush();
  }

  /** What waits is told now. */
  flush(): void {
    const held = this.#held;
    this.clear();
    if (held) this.tell(held.reason);
  }

  clear(): void {
    this.#held?.cancel();
    this.#held = undefined;
  }
}
