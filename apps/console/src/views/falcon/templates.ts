import type { Template } from '../../services/desk.js';

const ariel = '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001';

export const templates: readonly Template[] = [
  {
    name: 'Somebody writes in the welcome thread',
    make: (index) => ({
      type: 'message',
      room: 'thread:welcome',
      data: { text: `Fleet is forming, ${index + 1} pilots so far`, sender: 'Backend' },
    }),
  },
  {
    name: 'A notification for Ariel',
    make: (index) => ({
      type: 'notification',
      user_id: ariel,
      data: { title: 'Contract', message: `Number ${index + 1} was accepted` },
    }),
  },
  {
    name: 'Ariel joins or leaves a group',
    make: (index) => ({
      type: 'group_membership_change',
      data: { user_id: ariel, group_id: 'scouts', group_name: 'Scouts', joined: index % 2 === 0 },
    }),
  },
  {
    name: 'An announcement to everybody',
    make: () => ({ type: 'system_notification', data: { message: 'Downtime in 15 minutes' } }),
  },
];
