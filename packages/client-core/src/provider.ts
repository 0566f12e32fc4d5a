/**
 * A value, or where to get it: a function is called anew whenever the value is needed, so that what has expired
 * meanwhile is replaced. The value itself is no function.
 */
export type Provider<T> = T | (() => T | Promise<T>);

/** The current value. A provider that throws gives a rejected promise, like one whose promise rejects. */
export async function provide<T>(provider: Provider<T>): Promise<T> {
  return isFunction(provider) ? provider() : provider;
}

function isFunction<T>(provider: Provider<T>): provider is () => T | Promise<T> {
  return typeof provider === 'function';
}
