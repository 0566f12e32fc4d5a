import type { ReceivedEvent } from '@roomcast/raffle-client';
import type { EventFeed, Tone } from '../../live/event-feed.js';

/** An event in words. */
export function tell(feed: EventFeed, event: ReceivedEvent): void {
  const [kind, tone, text] = inWords(event);
  feed.add(event.timestamp, kind, tone, text);
}

function inWords({ message_type: type, data }: ReceivedEvent): [kind: string, tone: Tone, text: string] {
  switch (type) {
    case 'raffle_created':
      return ['raffle', 'info', `${data.raffle_id} is on sale: ${data.total_boxes} boxes at ${data.box_price} each`];
    case 'box_purchased':
      return [
        'box',
        'plain',
        `${data.user_id} bought box ${data.box_number} of ${data.raffle_id}, ${data.boxes_remaining} left`,
      ];
    case 'raffle_full':
      return ['full', 'warn', `${data.raffle_id} is sold out`];
    case 'winner_selected':
      return ['winner', 'good', `${data.winner_user_ids.join(', ')} won ${data.raffle_id}`];
    case 'raffle_cancelled':
      return ['cancelled', 'bad', `${data.raffle_id}: ${data.reason}`];
    case 'item_created':
      return ['item', 'info', `${data.name} (${data.category}) by ${data.seller_id}`];
    case 'item_updated':
      return ['item', 'plain', `${data.item_id}: ${data.changes.join(', ')} changed`];
    case 'item_stock_changed':
      return ['stock', 'plain', `${data.item_id}: ${data.old_quantity} → ${data.new_quantity}`];
    case 'user_joined':
      return ['user', 'good', `${data.username} came`];
    case 'user_left':
      return ['user', 'plain', `${data.user_id} left`];
    case 'credits_issued':
      return ['credits', 'good', `${data.user_id} got ${data.amount} (${data.source})`];
    case 'credits_redeemed':
      return ['credits', 'warn', `${data.user_id} spent ${data.amount} on ${data.item_id ?? 'nothing in particular'}`];
    case 'system_maintenance':
      return ['system', 'warn', data.message];
    case 'system_alert':
      return ['system', 'bad', `${data.level}: ${data.message}`];
  }
}
