import { ClientOptionsError } from './errors.js';

export interface AsyncQueueOptions<T> {
  /** Items that wait for a slow reader; one more drops the oldest. */
  capacity: number;
  /** Called with each item that is dropped. */
  onDrop?: (item: T) => void;
  /** Called once when nothing will be read any more. */
  onEnd?: () => void;
}

type State = { is: 'open' } | { is: 'ended'; error: unknown } | { is: 'cancelled' };

/** Hands items from whoever pushes to a `for await` loop. What a slow loop misses is counted and told, never silent. */
export class AsyncQueue<T> implements AsyncIterableIterator<T> {
  readonly #items: T[] = [];
  readonly #readers: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  #state: State = { is: 'open' };
  #dropped = 0;

  constructor(private readonly options: AsyncQueueOptions<T>) {
    if (!Number.isInteger(options.capacity) || options.capacity < 1) {
      throw new ClientOptionsError('capacity', `expected a whole number from 1, got ${options.capacity}`);
    }
  }

  /** Items that were dropped because the loop read too slowly. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Items that wait to be read. */
  get size(): number {
    return this.#items.length;
  }

  push(item: T): void {
    if (this.#state.is !== 'open') return;
    const reader = this.#readers.shift();
    if (reader) reader.resolve({ done: false, value: item });
    else this.#items.push(item);
    if (this.#items.length > this.options.capacity) this.#dropOldest();
  }

  /** No more items will come. The loop reads what waits, then ends, by throwing `error` if one is given. */
  end(error?: unknown): void {
    if (this.#state.is !== 'open') return;
    this.#state = { is: 'ended', error };
    const [first, ...others] = this.#readers.splice(0);
    if (first) this.#finish(first);
    for (const reader of others) reader.resolve(done());
    this.options.onEnd?.();
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#items.length > 0) return Promise.resolve({ done: false, value: this.#items.shift() as T });
    return new Promise((resolve, reject) => {
      if (this.#state.is === 'open') this.#readers.push({ resolve, reject });
      else this.#finish({ resolve, reject });
    });
  }

  /** The loop was left early. */
  return(): Promise<IteratorResult<T>> {
    const wasOpen = this.#state.is === 'open';
    this.#state = { is: 'cancelled' };
    this.#items.length = 0;
    for (const reader of this.#readers.splice(0)) reader.resolve(done());
    if (wasOpen) this.options.onEnd?.();
    return Promise.resolve(done());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** An error ends the loop once; asked again, the iterator is simply done. */
  #finish(reader: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }): void {
    const error = this.#state.is === 'ended' ? this.#state.error : undefined;
    this.#state = { is: 'cancelled' };
    if (error === undefined) reader.resolve(done());
    else reader.reject(error);
  }

  #dropOldest(): void {
    const item = this.#items.shift() as T;
    this.#dropped += 1;
    this.options.onDrop?.(item);
  }
}

function done(): IteratorReturnResult<undefined> {
  return { done: true, value: undefined };
}
