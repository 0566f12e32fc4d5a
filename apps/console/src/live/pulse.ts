/** While a page is hidden there are no animation frames; what reads a pulse then has time. */
const hiddenDelayMs = 1000;

/**
 * Tells that something has changed, at most once per animation frame, however often it did. React reads `version` as the
 * snapshot of what is, for speed, changed in place.
 */
export class Pulse {
  #version = 0;
  #isScheduled = false;
  readonly #listeners = new Set<() => void>();

  /** Returns the way to stop listening. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly version = (): number => this.#version;

  readonly changed = (): void => {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    if (document.hidden) setTimeout(this.#tell, hiddenDelayMs);
    else requestAnimationFrame(this.#tell);
  };

  readonly #tell = (): void => {
    this.#isScheduled = false;
    this.#version++;
    for (const listener of [...this.#listeners]) listener();
  };
}
