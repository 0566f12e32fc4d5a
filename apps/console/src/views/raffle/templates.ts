import type { Template } from '../../services/desk.js';

const users = ['alice', 'bob', 'carol'];
const boxes = 100;
const now = () => new Date().toISOString();
const buyer = (index: number) => users[(index * 7) % users.length] ?? 'alice';

export const templates: readonly Template[] = [
  {
    name: 'A box is bought',
    make: (index) => {
      const sold = (index % boxes) + 1;
      const data = {
        raffle_id: `console-${Math.floor(index / boxes) % 5}`,
        user_id: buyer(index),
        box_number: sold,
        boxes_remaining: boxes - sold,
        completion_percentage: sold,
        purchased_at: now(),
      };
      return { message_type: 'box_purchased', data };
    },
  },
  {
    name: 'A raffle begins',
    make: (index) => ({
      message_type: 'raffle_created',
      data: {
        raffle_id: `console-${index % 5}`,
        item_id: 'item-console',
        seller_id: 'sam',
        total_boxes: boxes,
        box_price: 2.5,
        created_at: now(),
      },
    }),
  },
  {
    name: 'Winners are drawn',
    make: (index) => ({
      message_type: 'winner_selected',
      data: {
        raffle_id: `console-${index % 5}`,
        item_id: 'item-console',
        winner_user_ids: [buyer(index)],
        completed_at: now(),
      },
    }),
  },
  {
    name: 'Alice gets credits (only she and the staff hear of it)',
    make: () => ({
      message_type: 'credits_issued',
      data: { user_id: 'alice', amount: 25, source: 'console', issued_at: now() },
    }),
  },
  {
    name: 'An alert for everybody',
    make: () => ({
      message_type: 'system_alert',
      data: { level: 'info', message: 'Hello from the console', created_at: now() },
    }),
  },
];
