/**
 * Counts messages in a sliding window with three numbers: those of the window before are weighted by the share of it
 * that the sliding window still covers. Exact for the first window and for a steady sender.
 */
export class MessageRate {
  #windowStart = 0;
  #count = 0;
  #before = 0;

  /** Counts one message; false when it is over `limit` messages in `windowMs`. */
  allow(now: number, limit: number, windowMs: number): boolean {
    const elapsed = now - this.#windowStart;
    if (elapsed >= 2 * windowMs || elapsed < 0) {
      this.#before = 0;
      this.#count = 0;
      this.#windowStart = now;
    } else if (elapsed >= windowMs) {
      this.#before = this.#count;
      this.#count = 0;
      this.#windowStart += windowMs;
    }
    const share = 1 - (now - this.#windowStart) / windowMs;
    if (this.#before * share + this.#count >= limit) return false;
    this.#count++;
    return true;
  }
}
