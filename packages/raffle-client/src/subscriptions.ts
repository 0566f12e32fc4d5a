import { Emitter, type Listener, type ListenerErrorHandler } from '@roomcast/client-core';
import type { Subscription } from '@roomcast/raffle-protocol';
import type { ReceivedEvent } from './events.js';
import { isFor, keyOf } from './filters.js';

/** What several callers want to hear of. The server knows one list per connection: all of it, each once. */
export class Subscriptions {
  #list: readonly Subscription[] = [];
  #lastId = 0;
  readonly #wishes = new Map<number, readonly Subscription[]>();
  readonly #handlers: Emitter<Record<number, ReceivedEvent>>;

  constructor(
    private readonly onChange: () => void,
    onListenerError: ListenerErrorHandler | undefined,
  ) {
    this.#handlers = new Emitter(onListenerError && ((error) => onListenerError(error, 'subscribe')));
  }

  /** Replaces the list that has no handlers; what was added stays. */
  replace(list: readonly Subscription[]): void {
    this.#list = list;
    this.onChange();
  }

  /** Calls the handler once for each event that is for any of the filters. Returns the way to end it, which may be called again. */
  add(filters: readonly Subscription[], handler: Listener<ReceivedEvent>): () => void {
    const id = ++this.#lastId;
    this.#wishes.set(id, filters);
    const off = this.#handlers.on(id, handler);
    this.onChange();
    return () => {
      off();
      if (this.#wishes.delete(id)) this.onChange();
    };
  }

  /** Everything that is wanted, without what is wanted twice, the oldest wishes first. */
  get wanted(): readonly Subscription[] {
    const byKey = new Map<string, Subscription>();
    for (const list of [this.#list, ...this.#wishes.values()]) {
      for (const filter of list) byKey.set(keyOf(filter), filter);
    }
    return [...byKey.values()];
  }

  deliver(event: ReceivedEvent): void {
    for (const [id, filters] of [...this.#wishes]) {
      if (filters.some((filter) => isFor(filter, event))) this.#handlers.emit(id, event);
    }
  }

  /** Nobody wants anything any more, and nobody is asked. */
  clear(): void {
    this.#list = [];
    this.#wishes.clear();
    this.#handlers.clear();
  }
}
