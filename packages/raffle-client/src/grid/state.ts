import type { EventData, RaffleEvent } from '@roomcast/raffle-protocol';

/**
 * - `open`: boxes are for sale
 * - `full`: all are sold
 * - `drawn`: there are winners
 * - `cancelled`
 */
export type RafflePhase = 'open' | 'full' | 'drawn' | 'cancelled';

/** What events have told of one raffle. Undefined is what none has told yet. */
export interface RaffleGridState {
  readonly raffleId: string;
  readonly phase: RafflePhase;
  readonly totalBoxes: number | undefined;
  /** The boxes whose purchase was seen, by number. */
  readonly boxes: ReadonlyMap<number, EventData['box_purchased']>;
  readonly remaining: number | undefined;
  /** Sold, of 100. */
  readonly percentage: number | undefined;
  /** Boxes that are sold and not in `boxes`: bought before anybody listened, or while the connection was away. */
  readonly unseen: number | undefined;
  readonly winners: readonly string[];
  readonly created: EventData['raffle_created'] | undefined;
  readonly full: EventData['raffle_full'] | undefined;
  readonly drawn: EventData['winner_selected'] | undefined;
  readonly cancelled: EventData['raffle_cancelled'] | undefined;
}

/** A raffle of which nothing is known. */
export function emptyRaffleGrid(raffleId: string): RaffleGridState {
  return {
    raffleId,
    phase: 'open',
    totalBoxes: undefined,
    boxes: new Map(),
    remaining: undefined,
    percentage: undefined,
    unseen: undefined,
    winners: [],
    created: undefined,
    full: undefined,
    drawn: undefined,
    cancelled: undefined,
  };
}

/**
 * What is known after one more event. The order of events does not matter, nor do repeated ones: each has its own time,
 * and what happened before the latest `raffle_created` belongs to an earlier raffle of the same id. Gives the state
 * itself where the event brings nothing new, or is of another raffle.
 */
export function reduceRaffleGrid(state: RaffleGridState, event: RaffleEvent): RaffleGridState {
  if (!('raffle_id' in event.data) || event.data.raffle_id !== state.raffleId) return state;
  const since = state.created ? timeOf(state.created.created_at) : Number.NEGATIVE_INFINITY;
  const isNews = <Fact>(told: Fact, known: Fact | undefined, at: (fact: Fact) => string) =>
    timeOf(at(told)) >= since && isLater(told, known, at);
  switch (event.message_type) {
    case 'raffle_created': {
      const created = event.data;
      return isNews(created, state.created, times.created) ? settled(begunWith(state, created)) : state;
    }
    case 'box_purchased': {
      const box = event.data;
      if (!isNews(box, state.boxes.get(box.box_number), times.box)) return state;
      return settled({ ...state, boxes: new Map(state.boxes).set(box.box_number, box) });
    }
    case 'raffle_full': {
      const full = event.data;
      return isNews(full, state.full, times.full) ? settled({ ...state, full }) : state;
    }
    case 'winner_selected': {
      const drawn = event.data;
      return isNews(drawn, state.drawn, times.drawn) ? settled({ ...state, drawn }) : state;
    }
    case 'raffle_cancelled': {
      const cancelled = event.data;
      return isNews(cancelled, state.cancelled, times.cancelled) ? settled({ ...state, cancelled }) : state;
    }
    default:
      return state;
  }
}

const times = {
  created: (fact: EventData['raffle_created']) => fact.created_at,
  box: (fact: EventData['box_purchased']) => fact.purchased_at,
  full: (fact: EventData['raffle_full']) => fact.completed_at,
  drawn: (fact: EventData['winner_selected']) => fact.completed_at,
  cancelled: (fact: EventData['raffle_cancelled']) => fact.cancelled_at,
};

/** A time that is none is before all others. */
function timeOf(text: string): number {
  const time = Date.parse(text);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}

/** Facts of the same time have an order too, any that is always the same. */
function isLater<Fact>(told: Fact, known: Fact | undefined, at: (fact: Fact) => string): boolean {
  if (known === undefined) return true;
  const [time, before] = [timeOf(at(told)), timeOf(at(known))];
  return time > before || (time === before && JSON.stringify(told) > JSON.stringify(known));
}

/** Without what is left of an earlier raffle of the same id. */
function begunWith(state: RaffleGridState, created: EventData['raffle_created']): RaffleGridState {
  const since = timeOf(created.created_at);
  const kept = <Fact>(fact: Fact | undefined, at: (fact: Fact) => string) =>
    fact !== undefined && timeOf(at(fact)) >= since ? fact : undefined;
  return {
    ...state,
    created,
    boxes: new Map([...state.boxes].filter(([, box]) => kept(box, times.box))),
    full: kept(state.full, times.full),
    drawn: kept(state.drawn, times.drawn),
    cancelled: kept(state.cancelled, times.cancelled),
  };
}

/** With what follows from the facts. */
function settled(state: RaffleGridState): RaffleGridState {
  const { boxes, created, full, drawn, cancelled } = state;
  const totalBoxes = created?.total_boxes ?? full?.total_boxes;
  const remaining = full ? 0 : remainingOf(boxes, totalBoxes);
  const isKnown = totalBoxes !== undefined && remaining !== undefined;
  return {
    ...state,
    totalBoxes,
    remaining,
    percentage: full ? 100 : percentageOf(boxes, created && 0),
    unseen: isKnown ? Math.max(0, totalBoxes - remaining - boxes.size) : undefined,
    phase: cancelled ? 'cancelled' : drawn ? 'drawn' : full ? 'full' : 'open',
    winners: drawn?.winner_user_ids ?? [],
  };
}

/** The least that anything tells: boxes only ever get fewer. */
function remainingOf(boxes: RaffleGridState['boxes'], totalBoxes: number | undefined): number | undefined {
  let least = totalBoxes === undefined ? undefined : totalBoxes - boxes.size;
  for (const { boxes_remaining } of boxes.values()) least = Math.min(least ?? boxes_remaining, boxes_remaining);
  return least === undefined ? undefined : Math.max(0, least);
}

/** The most that anything tells, as the server rounds it. */
function percentageOf(boxes: RaffleGridState['boxes'], atFirst: 0 | undefined): number | undefined {
  let most: number | undefined = atFirst;
  for (const { completion_percentage } of boxes.values()) {
    most = Math.max(most ?? completion_percentage, completion_percentage);
  }
  return most;
}
