import * as z from 'zod/mini';
import { shown } from './issues.js';
import { defaultMaxSubscriptions } from './limits.js';
import { readSubscriptions, type SubscriptionList, subscription } from './subscription.js';

/** What a client sends, by `message_type`: the shape of `data`. */
export const clientMessages = {
  auth: z.looseObject({ token: z.string() }),
  subscribe: z.looseObject({
    subscriptions: z.array(subscription),
    /** An extension: asks for `events_missed`. */
    notify_missed: z.optional(z.boolean()),
  }),
  ping: z.looseObject({}),
} as const;

export type ClientMessageType = keyof typeof clientMessages;

/** The data of each client message as a client writes it. */
export type ClientData<T extends ClientMessageType> = z.input<(typeof clientMessages)[T]>;

/** A client message after checking. */
export type ClientMessage =
  /** The token is null where the message had none: as invalid as a wrong one. */
  | { readonly type: 'auth'; readonly token: string | null }
  /** `notifyMissed`: asks to be told when events may have been missed. */
  | ({ readonly type: 'subscribe'; readonly notifyMissed?: true } & SubscriptionList)
  | { readonly type: 'ping' };

export type ClientMessageResult =
  | { readonly ok: true; readonly message: ClientMessage }
  /** Ignored. `reason` is one of a few texts, `type` the unknown `message_type`, shortened. */
  | { readonly ok: false; readonly reason: string; readonly type?: string };

/** Checks the text of a client's message. Never throws. */
export function parseClientMessage(text: string, maxSubscriptions = defaultMaxSubscriptions): ClientMessageResult {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return ignored('not JSON');
  }
  const type = fieldOf(value, 'message_type');
  const data = fieldOf(value, 'data');
  switch (type) {
    case 'ping':
      return { ok: true, message: { type } };
    case 'auth': {
      const token = fieldOf(data, 'token');
      return { ok: true, message: { type, token: typeof token === 'string' ? token : null } };
    }
    case 'subscribe': {
      const list = fieldOf(data, 'subscriptions');
      if (!Array.isArray(list)) return ignored('subscribe without a list of subscriptions');
      const missed = fieldOf(data, 'notify_missed') === true ? { notifyMissed: true as const } : {};
      return { ok: true, message: { type, ...missed, ...readSubscriptions(list, maxSubscriptions) } };
    }
    default:
      return typeof type === 'string'
        ? { ok: false, reason: 'unknown message_type', type: shown(type) }
        : ignored('no message_type');
  }
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function ignored(reason: string): ClientMessageResult {
  return { ok: false, reason };
}
