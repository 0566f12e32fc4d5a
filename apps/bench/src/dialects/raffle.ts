import { raffleGateway } from '@roomcast/raffle-gateway';
import { type Dialect, wideLimits } from './dialect.js';
import { served } from './gateway.js';
import { publishedBeside } from './published.js';

/** What a subscription may be to. Null is anything. */
export interface Filter {
  readonly event_type: string;
  readonly raffle_id: string | null;
  readonly item_id: string | null;
  readonly user_id: string | null;
  readonly room: string | null;
}

export function subscribeMessage(subscriptions: readonly Filter[]): string {
  return JSON.stringify({ message_type: 'subscribe', data: { subscriptions } });
}

export const pingMessage = '{"message_type":"ping","data":{}}';

/** To one raffle's purchases, which is what the benchmark publishes. */
export function purchasesOf(raffle_id: string): Filter {
  return { event_type: 'box_purchased', raffle_id, item_id: null, user_id: null, room: null };
}

/** An event that the followers of the raffle `r0` hear. */
export const purchase = JSON.stringify({
  message_type: 'box_purchased',
  data: {
    raffle_id: 'r0',
    item_id: 'item-1',
    user_id: '7d1c2f7e-93ab-4d5e-8a55-0c4fe2b1a002',
    box_number: 25,
    boxes_remaining: 75,
    completion_percentage: 25.5,
    purchased_at: '2024-01-15T10:35:00Z',
  },
  room: 'r0',
});

const farAhead = 4_000_000_000;

/** The raffle platform: every member has a user and a subscription with filters. */
export const dialect: Dialect = {
  speech: {
    memberPath: () => '/ws',
    // A subscription is not answered, but what follows it is handled after it.
    join: (member, rooms) => [
      { send: JSON.stringify({ message_type: 'auth', data: { token: `user-${member}` } }), frames: 0 },
      { send: subscribeMessage(rooms.map(purchasesOf)), frames: 0 },
      { send: pingMessage, frames: 1 },
    ],
    ping: pingMessage,
    ...publishedBeside(() => purchase),
  },
  serve(engine) {
    const gateway = raffleGateway(engine, {
      ...wideLimits,
      maxMessagesBeforeAuth: wideLimits.maxMessages,
      idleTimeoutMs: 0,
      // Tokens are not what is measured here: a token is the user's id.
      verifier: { verify: async (sub) => ({ sub, username: sub, role: 'User', exp: farAhead, token_type: 'access' }) },
    });
    return served(gateway);
  },
};
