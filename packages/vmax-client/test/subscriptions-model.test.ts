import { ManualClock } from '@roomcast/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Desire } from '../src/attribution.js';
import { Subscriptions } from '../src/subscriptions.js';

/** The server forbids the first of them. */
const ids = ['forbidden', 'a', 'b', 'c'];

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ is: fc.constant('subscribe' as const), id: fc.constantFrom(...ids) }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('unsubscribe' as const), id: fc.constantFrom(...ids) }) },
  { weight: 5, arbitrary: fc.record({ is: fc.constant('answer' as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.constant({ is: 'lose' as const }) },
  { weight: 3, arbitrary: fc.constant({ is: 'connect' as const }) },
);

it('agrees with the server in the end, each promise settled by what the server did', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const clock = new ManualClock();
      const told: Desire[] = [];
      let unanswered: Desire[] = [];
      let isConnected = false;
      const server = new Set<string>();
      const subscriptions = new Subscriptions({
        timeoutMs: 10_000,
        clock,
        transmit: (desire) => {
          expect(isConnected).toBe(true);
          told.push(desire);
          unanswered.push(desire);
        },
        onError: (error) => expect(error).toMatchObject({ name: 'RequestRejectedError' }),
      });
      const outcomes: Promise<void>[] = [];
      const last = new Map<string, Desire['action']>();
      const ask = (action: Desire['action'], id: string) => {
        last.set(id, action);
        const outcome = subscriptions.ask(action, { channel: 'fleet', fleetId: id });
        outcomes.push(
          outcome.then(
            () => expect(action === 'SUBSCRIBE' && id === 'forbidden').toBe(false),
            ({ name }) => {
              if (name === 'RequestRejectedError') expect([action, id]).toEqual(['SUBSCRIBE', 'forbidden']);
              else expect(name).toBe('OvertakenError');
            },
          ),
        );
      };
      const answer = ({ action, channel }: Desire) => {
        const id = channel.channel === 'fleet' ? channel.fleetId : '';
        if (action === 'SUBSCRIBE' && id === 'forbidden') {
          subscriptions.error('Not authorized to subscribe to this fleet');
          return;
        }
        if (action === 'SUBSCRIBE') server.add(id);
        else server.delete(id);
        subscriptions.confirmed(action, channel);
      };
      /** The server works on one channel in order, on different ones in any. */
      const answerOne = (which: number) => {
        const next = unanswered[which % Math.max(1, unanswered.length)];
        const first = unanswered.find(({ channel }) => JSON.stringify(channel) === JSON.stringify(next?.channel));
        if (!first) return;
        unanswered = unanswered.filter((one) => one !== first);
        answer(first);
      };
      const connect = () => {
        if (isConnected) return;
        isConnected = true;
        told.length = 0;
        subscriptions.live([]);
        const keys = told.map(({ channel }) => JSON.stringify(channel));
        expect(new Set(keys).size).toBe(keys.length);
      };
      for (const step of steps) {
        if (step.is === 'subscribe') ask('SUBSCRIBE', step.id);
        else if (step.is === 'unsubscribe') ask('UNSUBSCRIBE', step.id);
        else if (step.is === 'answer') answerOne(step.which);
        else if (step.is === 'connect') connect();
        else if (isConnected) {
          isConnected = false;
          server.clear();
          unanswered = [];
          subscriptions.interrupted();
        }
      }
      connect();
      while (unanswered.length > 0) answerOne(0);
      await Promise.all(outcomes);
      const wanted = [...last].filter(([id, action]) => action === 'SUBSCRIBE' && id !== 'forbidden').map(([id]) => id);
      expect([...server].sort()).toEqual(wanted.sort());
      expect([...subscriptions.list].sort()).toEqual(wanted.map((id) => `fleet:${id}`).sort());
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 500 },
  );
});
