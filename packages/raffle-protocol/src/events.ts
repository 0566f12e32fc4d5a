/** What a field of an event holds, by its kind. */
export interface FieldTypes {
  /** Any text of 1 to 256 characters; never taken apart. */
  id: string;
  idOrNull: string | null;
  ids: readonly string[];
  /** A whole number, 0 or more. */
  count: number;
  /** A number, 0 or more. */
  amount: number;
  /** A number from 0 to 100. */
  percentage: number;
  text: string;
  texts: readonly string[];
  /** ISO 8601. */
  time: string;
}

export type FieldKind = keyof FieldTypes;

/** Every event and the fields of its data. More fields may come with any of them. */
export const eventFields = {
  /** A raffle is on sale. */
  raffle_created: {
    raffle_id: 'id',
    item_id: 'id',
    seller_id: 'id',
    total_boxes: 'count',
    box_price: 'amount',
    created_at: 'time',
  },
  /** Somebody bought a box. */
  box_purchased: {
    raffle_id: 'id',
    user_id: 'id',
    box_number: 'count',
    boxes_remaining: 'count',
    completion_percentage: 'percentage',
    purchased_at: 'time',
  },
  /** All boxes are sold. */
  raffle_full: { raffle_id: 'id', item_id: 'id', total_boxes: 'count', completed_at: 'time' },
  /** The winners are drawn. */
  winner_selected: { raffle_id: 'id', item_id: 'id', winner_user_ids: 'ids', completed_at: 'time' },
  raffle_cancelled: { raffle_id: 'id', item_id: 'id', reason: 'text', cancelled_at: 'time' },
  item_created: { item_id: 'id', seller_id: 'id', name: 'text', category: 'text', created_at: 'time' },
  /** Details of an item changed; `changes` names the fields. */
  item_updated: { item_id: 'id', seller_id: 'id', changes: 'texts', updated_at: 'time' },
  item_stock_changed: { item_id: 'id', old_quantity: 'count', new_quantity: 'count', updated_at: 'time' },
  /** A user's first connection has authenticated. */
  user_joined: { user_id: 'id', username: 'text', joined_at: 'time' },
  /** A user's last connection has gone. */
  user_left: { user_id: 'id', left_at: 'time' },
  /** For the user and the staff only. */
  credits_issued: { user_id: 'id', amount: 'amount', source: 'text', issued_at: 'time' },
  /** For the user and the staff only. */
  credits_redeemed: { user_id: 'id', amount: 'amount', item_id: 'idOrNull', redeemed_at: 'time' },
  system_maintenance: { message: 'text', scheduled_at: 'time' },
  system_alert: { level: 'text', message: 'text', created_at: 'time' },
} as const satisfies Record<string, Record<string, FieldKind>>;

export type EventType = keyof typeof eventFields;

type Fields<T extends EventType> = (typeof eventFields)[T];

/** The data of each event. */
export type EventData = {
  [T in EventType]: {
    readonly [F in keyof Fields<T>]: Fields<T>[F] extends FieldKind ? FieldTypes[Fields<T>[F]] : never;
  };
};

/** Every event type, in the order of the specification. */
export const eventTypes = Object.keys(eventFields) as readonly EventType[];

export function isEventType(type: unknown): type is EventType {
  return typeof type === 'string' && Object.hasOwn(eventFields, type);
}

/** An event as a backend publishes it. */
export type RaffleEvent<T extends EventType = EventType> = {
  [Each in T]: {
    readonly message_type: Each;
    readonly data: EventData[Each];
    /** A room it is published in, beside the one of its raffle. */
    readonly room?: string | undefined;
    /** ISO 8601. @default when it is published */
    readonly timestamp?: string | undefined;
  };
}[T];

/** The room that all events of a raffle are in. */
export function raffleRoom(raffleId: string): string {
  return `raffle_${raffleId}`;
}

/** Events that reach only the user they name, and the staff. */
export const privateEventTypes: ReadonlySet<EventType> = new Set<EventType>(['credits_issued', 'credits_redeemed']);

export type PrivateEvent = RaffleEvent<'credits_issued' | 'credits_redeemed'>;

export function isPrivate(event: RaffleEvent): event is PrivateEvent {
  return privateEventTypes.has(event.message_type);
}
