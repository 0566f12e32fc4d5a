/** Whether a handler is still at work. Promises of other realms and libraries count too: they are told by their `then`. */
export function isPromise<Value>(result: Value | PromiseLike<Value>): result is PromiseLike<Value> {
  return typeof (result as PromiseLike<Value> | null | undefined)?.then === 'function';
}

/** Runs a handler of the application. What it throws or rejects with goes to `failed`, and no further up. */
export function attempt(handler: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = handler();
    if (isPromise(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}
