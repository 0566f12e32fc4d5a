import { Emitter } from '@roomcast/client-core';
import type { RaffleEvent } from '@roomcast/raffle-protocol';
import type { RaffleClient } from '../client.js';
import { emptyRaffleGrid, type RaffleGridState, reduceRaffleGrid } from './state.js';

/** The boxes of one raffle, kept up to date. */
export class RaffleGrid {
  #state: RaffleGridState;
  #unsubscribe = () => {};
  readonly #emitter: Emitter<{ change: RaffleGridState }> = new Emitter();

  constructor(raffleId: string) {
    this.#state = emptyRaffleGrid(raffleId);
  }

  /** Another object whenever something is different, the same otherwise. */
  get state(): RaffleGridState {
    return this.#state;
  }

  /** Adds what an event tells, in any order: also one that the application has from elsewhere. */
  apply(event: RaffleEvent): void {
    const state = reduceRaffleGrid(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.#emitter.emit('change', state);
  }

  /** Returns the way to stop listening, which may be called again. */
  onChange(listener: (state: RaffleGridState) => unknown): () => void {
    return this.#emitter.on('change', listener);
  }

  /** Subscribes to the raffle's events; until `close()`. */
  follow(client: Pick<RaffleClient, 'subscribe'>): this {
    this.#unsubscribe();
    const filter = { event_type: 'all', raffle_id: this.#state.raffleId } as const;
    this.#unsubscribe = client.subscribe(filter, (event) => this.apply(event));
    return this;
  }

  /** Follows no more, and tells nobody. What is known stays. */
  close(): void {
    this.#unsubscribe();
    this.#emitter.clear();
  }
}

/** A grid that follows a raffle through a client. */
export function raffleGrid(client: Pick<RaffleClient, 'subscribe'>, raffleId: string): RaffleGrid {
  return new RaffleGrid(raffleId).follow(client);
}
