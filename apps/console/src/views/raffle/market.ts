import { emptyRaffleGrid, type RaffleGridState, type ReceivedEvent, reduceRaffleGrid } from '@roomcast/raffle-client';
import { Pulse } from '../../live/pulse.js';
import { Recent } from '../../live/recent.js';

/** What has been heard of an item. */
export interface Item {
  readonly name: string | undefined;
  readonly stock: number | undefined;
}

/** Credits given to or spent by somebody. */
export interface Credit {
  readonly number: number;
  /** As the server wrote it. */
  readonly at: string;
  readonly user: string;
  /** Negative when they were spent. */
  readonly amount: number;
  readonly what: string;
}

/** A message of the platform to everybody. */
export interface Notice {
  readonly level: string;
  readonly message: string;
}

/** Raffles on the screen. Beyond that a new one takes the place of one that is over, so that the others stay where they are. */
const places = 8;
const maxRaffles = 200;
const maxItems = 1000;
const keptCredits = 200;

/** Everything the events of a raffle platform have told. */
export class Market {
  readonly pulse = new Pulse();
  readonly #raffles = new Map<string, RaffleGridState>();
  readonly items = new Map<string, Item>();
  readonly credits = new Recent<Credit>(keptCredits);
  notice: Notice | undefined;
  #shown: readonly string[] = [];

  /** Each stays in its place. */
  get raffles(): readonly RaffleGridState[] {
    return this.#shown.flatMap((id) => this.#raffles.get(id) ?? []);
  }

  apply(event: ReceivedEvent): void {
    this.#applyToRaffles(event);
    this.#applyToItems(event);
    const { message_type: type, data } = event;
    if (type === 'credits_issued') this.#credit(data.issued_at, data.user_id, data.amount, data.source);
    if (type === 'credits_redeemed') {
      this.#credit(data.redeemed_at, data.user_id, -data.amount, data.item_id ?? 'no item');
    }
    if (type === 'system_alert') this.notice = { level: data.level, message: data.message };
    if (type === 'system_maintenance') this.notice = { level: 'maintenance', message: data.message };
    this.pulse.changed();
  }

  clear(): void {
    this.#raffles.clear();
    this.#shown = [];
    this.items.clear();
    this.credits.clear();
    this.notice = undefined;
    this.pulse.changed();
  }

  #applyToRaffles(event: ReceivedEvent): void {
    if (!('raffle_id' in event.data)) return;
    const id = event.data.raffle_id;
    this.#raffles.set(id, reduceRaffleGrid(this.#raffles.get(id) ?? emptyRaffleGrid(id), event));
    if (!this.#shown.includes(id)) this.#giveAPlace(id);
    if (this.#raffles.size > maxRaffles) this.#forgetHidden();
  }

  #giveAPlace(id: string): void {
    const isOver = (one: string) => this.#raffles.get(one)?.phase !== 'open';
    const free = this.#shown.length < places ? -1 : this.#shown.findIndex(isOver);
    this.#shown = free === -1 ? [...this.#shown, id].slice(-maxRaffles) : this.#shown.with(free, id);
  }

  #forgetHidden(): void {
    for (const id of this.#raffles.keys()) if (!this.#shown.includes(id)) this.#raffles.delete(id);
  }

  #applyToItems({ message_type: type, data }: ReceivedEvent): void {
    if (type === 'item_created') this.#setItem(data.item_id, { name: data.name });
    if (type === 'item_stock_changed') this.#setItem(data.item_id, { stock: data.new_quantity });
  }

  #setItem(id: string, change: Partial<Item>): void {
    this.items.set(id, { ...(this.items.get(id) ?? { name: undefined, stock: undefined }), ...change });
    forgetOldest(this.items, maxItems);
  }

  #credit(at: string, user: string, amount: number, what: string): void {
    this.credits.add({ number: this.credits.total + 1, at, user, amount, what });
  }
}

function forgetOldest(map: Map<string, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size > max && oldest !== undefined) map.delete(oldest);
}
