import type { RaffleEvent } from '@roomcast/raffle-protocol';
import { demoIdentities } from './identities.js';
import { type DemoItem, DemoRaffle } from './raffle.js';

export interface MarketOptions {
  /** Milliseconds since the epoch. */
  now(): number;
  /** From 0 to below 1. @default Math.random */
  random?(): number;
}

/** The raffle that the API's document follows in its examples: there is always one of this id. */
export const currentRaffleId = 'current-raffle-id';

const raffles = 3;
const stock = 5;
const goods = [
  ['Wireless Headphones', 'Electronics'],
  ['Espresso Machine', 'Kitchen'],
  ['Trekking Bike', 'Sports'],
  ['Board Game', 'Toys'],
  ['Desk Lamp', 'Home'],
] as const;
const buyers = demoIdentities.filter(({ role }) => role === 'User');
const sellers = demoIdentities.filter(({ role }) => role === 'Seller');

/** A made-up platform: a few raffles at a time, their items, and users who buy, win, and get and spend credits. */
export class Market {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #items: DemoItem[] = [];
  readonly #raffles: DemoRaffle[] = [];
  #rafflesMade = 0;
  #itemsMade = 0;

  constructor({ now, random = Math.random }: MarketOptions) {
    this.#now = now;
    this.#random = random;
  }

  /** What happens next, in order; never nothing. */
  next(): RaffleEvent[] {
    const over = this.#raffles.find(({ state }) => state === 'over');
    if (over !== undefined || this.#raffles.length < raffles) return this.#open(over);
    const chance = this.#random();
    if (chance < 0.75) return this.#trade(chance < 0.4 ? this.#current() : this.#one(this.#raffles));
    if (chance < 0.85) return [this.#credit()];
    if (chance < 0.9) return [this.#redeem()];
    if (chance < 0.94) return [this.#restock(this.#one(this.#items))];
    if (chance < 0.98) return [this.#update(this.#one(this.#items))];
    return [this.#announce()];
  }

  /** A raffle takes the place of one that is over. */
  #open(over: DemoRaffle | undefined): RaffleEvent[] {
    const isCurrent = over === undefined ? this.#raffles.length === 0 : over === this.#current();
    const events: RaffleEvent[] = [];
    const item = isCurrent && over !== undefined ? over.options.item : this.#newItem(events);
    if (item.quantity === 0) events.push(this.#restock(item));
    const totalBoxes = isCurrent ? 10 : 5 + Math.floor(this.#random() * 16);
    const raffle = new DemoRaffle({
      id: isCurrent ? currentRaffleId : `raffle-${++this.#rafflesMade}`,
      item,
      totalBoxes,
      boxPrice: 1 + Math.floor(this.#random() * 19) / 2,
      cancelledAt: isCurrent || this.#random() < 0.7 ? undefined : Math.floor(totalBoxes / 2),
      random: this.#random,
    });
    if (over === undefined) this.#raffles.push(raffle);
    else this.#raffles[this.#raffles.indexOf(over)] = raffle;
    events.push(raffle.created(this.#at), this.#setQuantity(item, item.quantity - 1));
    return events;
  }

  #trade(raffle: DemoRaffle): RaffleEvent[] {
    return raffle.next(this.#one(buyers).id, this.#at);
  }

  #newItem(events: RaffleEvent[]): DemoItem {
    const [name, category] = this.#one(goods);
    const item = { id: `item-${++this.#itemsMade}`, sellerId: this.#one(sellers).id, name, category, quantity: stock };
    this.#items.push(item);
    // The oldest leaves the range; raffles that still have it keep it.
    if (this.#items.length > 2 * raffles) this.#items.shift();
    events.push({
      message_type: 'item_created',
      data: { item_id: item.id, seller_id: item.sellerId, name, category, created_at: this.#at },
    });
    return item;
  }

  #restock(item: DemoItem): RaffleEvent {
    return this.#setQuantity(item, item.quantity + stock);
  }

  #setQuantity(item: DemoItem, quantity: number): RaffleEvent {
    const old_quantity = item.quantity;
    item.quantity = quantity;
    return {
      message_type: 'item_stock_changed',
      data: { item_id: item.id, old_quantity, new_quantity: quantity, updated_at: this.#at },
    };
  }

  #update({ id, sellerId }: DemoItem): RaffleEvent {
    const data = { item_id: id, seller_id: sellerId, changes: ['description'], updated_at: this.#at };
    return { message_type: 'item_updated', data };
  }

  #credit(): RaffleEvent {
    const amount = 5 * (1 + Math.floor(this.#random() * 10));
    const data = { user_id: this.#one(buyers).id, amount, source: 'payment', issued_at: this.#at };
    return { message_type: 'credits_issued', data };
  }

  #redeem(): RaffleEvent {
    const item_id = this.#random() < 0.5 ? this.#one(this.#items).id : null;
    const data = { user_id: this.#one(buyers).id, amount: 10, item_id, redeemed_at: this.#at };
    return { message_type: 'credits_redeemed', data };
  }

  #announce(): RaffleEvent {
    if (this.#random() < 0.5) {
      const data = {
        level: 'info',
        message: 'This is a demonstration: nothing here is for sale',
        created_at: this.#at,
      };
      return { message_type: 'system_alert', data };
    }
    const scheduled_at = new Date(this.#now() + 30 * 60_000).toISOString();
    const data = { message: 'A make-believe maintenance begins in 30 minutes', scheduled_at };
    return { message_type: 'system_maintenance', data };
  }

  #current(): DemoRaffle {
    return this.#raffles[0] as DemoRaffle;
  }

  #one<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  get #at(): string {
    return new Date(this.#now()).toISOString();
  }
}
