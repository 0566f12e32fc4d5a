import { patienceMs } from './eventually.js';

/** A client that events come to, such as one of Socket.IO. */
export interface Listener {
  once(event: string, listener: (value: never) => void): unknown;
}

/** The next event of that name, with its first argument. */
export function next<Value>(client: Listener, event: string): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${event} did not come within ${patienceMs} ms`)), patienceMs);
    client.once(event, (value: Value) => {
      clearTimeout(timer);
      resolve(value);
    });
  });
}
