import type { RaffleEvent } from '@roomcast/raffle-protocol';

/** What the demonstration raffles off. */
export interface DemoItem {
  readonly id: string;
  readonly sellerId: string;
  readonly name: string;
  readonly category: string;
  quantity: number;
}

export interface DemoRaffleOptions {
  readonly id: string;
  readonly item: DemoItem;
  readonly totalBoxes: number;
  readonly boxPrice: number;
  /** Cancelled once so many boxes are sold; undefined: it goes on to its end. */
  readonly cancelledAt?: number | undefined;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** - `selling`: boxes are left. - `full`: none are. - `over`: the winner is drawn, or it was cancelled. */
export type DemoRaffleState = 'selling' | 'full' | 'over';

/** A raffle of the demonstration: sells box by box, fills and is drawn, or is cancelled on the way. */
export class DemoRaffle {
  readonly #unsold: number[];
  readonly #buyers: string[] = [];
  #state: DemoRaffleState = 'selling';

  constructor(readonly options: DemoRaffleOptions) {
    this.#unsold = Array.from({ length: options.totalBoxes }, (_, box) => box + 1);
  }

  get state(): DemoRaffleState {
    return this.#state;
  }

  created(at: string): RaffleEvent {
    const { id, item, totalBoxes, boxPrice } = this.options;
    return {
      message_type: 'raffle_created',
      data: {
        raffle_id: id,
        item_id: item.id,
        seller_id: item.sellerId,
        total_boxes: totalBoxes,
        box_price: boxPrice,
        created_at: at,
      },
    };
  }

  /** What happens next: a box is sold to `buyer`, the last box, the drawing, or the end before that. */
  next(buyer: string, at: string): RaffleEvent[] {
    if (this.#state === 'full') return [this.#draw(at)];
    return this.#buyers.length === this.options.cancelledAt ? [this.#cancel(at)] : this.#sell(buyer, at);
  }

  #sell(buyer: string, at: string): RaffleEvent[] {
    const { id, item, totalBoxes, random } = this.options;
    const [box = 0] = this.#unsold.splice(Math.floor(random() * this.#unsold.length), 1);
    this.#buyers.push(buyer);
    const sold: RaffleEvent = {
      message_type: 'box_purchased',
      data: {
        raffle_id: id,
        user_id: buyer,
        box_number: box,
        boxes_remaining: this.#unsold.length,
        completion_percentage: Math.round((1000 * this.#buyers.length) / totalBoxes) / 10,
        purchased_at: at,
      },
    };
    if (this.#unsold.length > 0) return [sold];
    this.#state = 'full';
    const data = { raffle_id: id, item_id: item.id, total_boxes: totalBoxes, completed_at: at };
    return [sold, { message_type: 'raffle_full', data }];
  }

  #draw(at: string): RaffleEvent {
    this.#state = 'over';
    const { id, item, random } = this.options;
    const winner = this.#buyers[Math.floor(random() * this.#buyers.length)] as string;
    return {
      message_type: 'winner_selected',
      data: { raffle_id: id, item_id: item.id, winner_user_ids: [winner], completed_at: at },
    };
  }

  #cancel(at: string): RaffleEvent {
    this.#state = 'over';
    const { id, item } = this.options;
    return {
      message_type: 'raffle_cancelled',
      data: { raffle_id: id, item_id: item.id, reason: 'Item no longer available', cancelled_at: at },
    };
  }
}
