export type Listener<T> = (payload: T) => unknown;

export type ListenerErrorHandler = (error: unknown, event: PropertyKey) => void;

/**
 * Events by name, each with one payload. A listener that throws, or whose promise rejects, does not reach whoever emits:
 * the error goes to the handler given.
 */
export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<{ call: Listener<never> }>>();

  constructor(private readonly onListenerError: ListenerErrorHandler = report) {}

  /** Returns the way to stop listening; calling it again does nothing. A listener added twice is called twice. */
  on<E extends keyof Events>(event: E, listener: Listener<Events[E]>): () => void {
    const entry = { call: listener as Listener<never> };
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(entry));
    return () => {
      if (listeners.delete(entry) && listeners.size === 0) this.#listeners.delete(event);
    };
  }

  /** Calls who listened when this began, except those that were taken off meanwhile. */
  emit<E extends keyof Events>(event: E, payload: Events[E]): void {
    const listeners = this.#listeners.get(event);
    if (!listeners) return;
    for (const entry of [...listeners]) {
      if (listeners.has(entry)) this.#call(entry.call as Listener<Events[E]>, event, payload);
    }
  }

  listenerCount(event: keyof Events): number {
    return this.#listeners.get(event)?.size ?? 0;
  }

  /** Nobody listens any more. */
  clear(): void {
    for (const listeners of this.#listeners.values()) listeners.clear();
    this.#listeners.clear();
  }

  #call<E extends keyof Events>(listener: Listener<Events[E]>, event: E, payload: Events[E]): void {
    try {
      const result = listener(payload);
      if (result instanceof Promise) result.catch((error: unknown) => this.#report(error, event));
    } catch (error) {
      this.#report(error, event);
    }
  }

  #report(error: unknown, event: keyof Events): void {
    try {
      this.onListenerError(error, event);
    } catch (another) {
      report(another);
    }
  }
}

/** What the platform does with errors nobody caught, without ending the process: Node has no `reportError`. */
function report(error: unknown): void {
  const reportError: unknown = Reflect.get(globalThis, 'reportError');
  if (typeof reportError === 'function') reportError(error);
  else console.error(error);
}
