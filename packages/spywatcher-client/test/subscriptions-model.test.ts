import { ManualClock, turns } from '@roomcast/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SubscriptionSender } from '../src/subscription-sender.js';
import { Subscriptions } from '../src/subscriptions.js';
import type { Outgoing } from '../src/wire.js';

type Sent = Exclude<Outgoing, { token: string }>;

/** The server refuses the first of them. */
const guilds = ['closed', 'a', 'b'];

const room = { kind: fc.constantFrom('guild' as const, 'analytics' as const), guildId: fc.constantFrom(...guilds) };

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('subscribe' as const), ...room }) },
  { weight: 6, arbitrary: fc.record({ is: fc.constant('unsubscribe' as const), which: fc.nat(20) }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('tick' as const) }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('answer' as const), lost: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('wait' as const), ms: fc.constantFrom(300, 1_000) }) },
  { weight: 2, arbitrary: fc.constant({ is: 'lose' as const }) },
  { weight: 3, arbitrary: fc.constant({ is: 'connect' as const }) },
);

it.each([true, false])(
  'whatever callers and networks do, the server has in the end what is wanted (answers: %s)',
  async (answers) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 50 }), async (steps) => {
        const clock = new ManualClock();
        /** What the server of this connection has, and has yet to answer. */
        let server: Set<string> | undefined;
        let unanswered: Sent[] = [];
        let sentAt: number[] = [];
        const callers: { key: string; off: () => void }[] = [];
        let denials = 0;

        const receive = ({ event, guildId, id }: Sent) => {
          if (server === undefined) throw new Error('nothing is sent without a connection');
          sentAt = [...sentAt.filter((at) => clock.now() - at < 1_000), clock.now()];
          expect(sentAt.length).toBeLessThanOrEqual(3);
          const [action, kind] = event.split(':');
          const key = `${kind}:${guildId}`;
          // Exactly once: nothing is asked for that the server has, nor given up that it does not have.
          expect(server.has(key)).toBe(action === 'unsubscribe');
          if (action === 'subscribe') server.add(key);
          else server.delete(key);
          unanswered.push({ event, guildId, id });
        };
        const subscriptions = new Subscriptions({
          clock,
          onListenerError: undefined,
          onChange: () => sender.changed(),
        });
        const sender: SubscriptionSender = new SubscriptionSender({
          maxEventsPerSecond: 6,
          answerTimeoutMs: 10_000,
          clock,
          wanted: () => subscriptions.wanted,
          transmit: (outgoing) => receive(outgoing as Sent),
          onError: (error) => {
            expect(error).toMatchObject({ name: 'SubscriptionDeniedError', guildId: 'closed' });
            denials++;
          },
        });
        const connect = () => {
          if (server !== undefined) return;
          server = new Set();
          unanswered = [];
          sentAt = [];
          sender.connected();
        };
        const answer = () => {
          const next = unanswered.shift();
          if (next === undefined || !answers) return;
          const isDenied = next.guildId === 'closed' && next.event.startsWith('subscribe');
          // What is refused the server does not have: the client has to give nothing up.
          if (
            isDenied &&
            !unanswered.some((later) => later.event.endsWith(next.event.slice(9)) && later.guildId === 'closed')
          ) {
            server?.delete(`${next.event.slice(10)}:closed`);
          }
          sender.answered({ is: 'answer', id: next.id, ack: isDenied ? { ok: false, message: 'no' } : { ok: true } });
        };
        for (const step of steps) {
          if (step.is === 'subscribe') {
            const { kind, guildId } = step;
            callers.push({ key: `${kind}:${guildId}`, off: subscriptions.add(kind, guildId, undefined) });
          } else if (step.is === 'unsubscribe') {
            const [caller] = callers.splice(step.which % Math.max(1, callers.length), 1);
            caller?.off();
            caller?.off();
          } else if (step.is === 'tick') await turns(1);
          else if (step.is === 'answer') answer();
          else if (step.is === 'wait') await clock.advance(step.ms);
          else if (step.is === 'connect') connect();
          else if (server !== undefined) {
            server = undefined;
            sender.interrupted();
          }
        }
        connect();
        for (let round = 0; round < 10; round++) {
          await clock.advance(1_000);
          while (unanswered.length > 0) answer();
        }
        const wanted = new Set(callers.map(({ key }) => key));
        const granted = [...wanted].filter((key) => !answers || !key.endsWith(':closed'));
        expect([...(server ?? [])].sort()).toEqual(granted.sort());
        expect([...subscriptions.wanted.keys()].sort()).toEqual([...wanted].sort());
        expect(sender.denials.length).toBe(wanted.size - granted.length);
        expect(denials).toBeGreaterThanOrEqual(sender.denials.length);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 300 },
    );
  },
);
