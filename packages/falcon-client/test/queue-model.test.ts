import { ManualClock, turns } from '@roomcast/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFalconClient, type WebSocketLike } from '../src/index.js';

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant({ is: 'send' as const }) },
  { weight: 3, arbitrary: fc.constant({ is: 'open' as const }) },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('answer' as const), which: fc.nat(9), refuse: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ is: 'lose' as const }) },
  { weight: 3, arbitrary: fc.record({ is: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 6000 }) }) },
);

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly data?: number;
}

/** A socket that does what the test says. */
class Socket implements WebSocketLike {
  static latest: Socket | undefined;
  static readonly arrived: number[] = [];
  readonly bufferedAmount = 0;
  binaryType = '';
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  state: 'opening' | 'open' | 'closed' = 'opening';
  /** Messages that were not answered. */
  unanswered: Frame[] = [];
  readonly sentAt: number[] = [];

  constructor() {
    Socket.latest = this;
  }

  send(text: string): void {
    if (this.state !== 'open') throw new Error('sent on a socket that is not open');
    this.sentAt.push(clock.now());
    const frame = JSON.parse(text) as Frame;
    if (frame.type !== 'message') return;
    Socket.arrived.push(frame.data as number);
    this.unanswered.push(frame);
  }

  close(): void {
    this.state = 'closed';
    this.onclose?.({ code: 1000, reason: '' } as never);
  }

  open(): void {
    if (this.state !== 'opening') return;
    this.state = 'open';
    this.onopen?.({} as never);
  }

  lose(): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.unanswered = [];
    this.onclose?.({ code: 1006, reason: '' } as never);
  }

  push(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as never);
  }
}

let clock = new ManualClock();

const limits = { maxQueued: 5, maxMessagesPerSecond: 4, acknowledgementTimeoutMs: 3000 };

it('sends each message once, in order, and settles each promise by what became of it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      clock = new ManualClock();
      Socket.latest = undefined;
      Socket.arrived.length = 0;
      const client = createFalconClient({
        url: 'ws://h',
        WebSocket: Socket,
        clock,
        random: () => 0,
        heartbeatIntervalMs: 1_000_000,
        ...limits,
      });
      const outcomes = new Map<number, string>();
      const expected = new Map<number, string>();
      let count = 0;
      await turns(1);
      const socket = () => Socket.latest;
      const perform: {
        [Is in (typeof steps)[number]['is']]: (one: Extract<(typeof steps)[number], { is: Is }>) => void;
      } = {
        send: () => {
          const number = count++;
          client.sendMessage({ type: 'message', room: 'user:ada', data: number }).then(
            (answer) => outcomes.set(number, answer.type),
            ({ name }: Error) => outcomes.set(number, name),
          );
        },
        open: () => socket()?.open(),
        answer: ({ which, refuse }) => {
          const unanswered = socket()?.unanswered ?? [];
          const [frame] = unanswered.splice(which % Math.max(1, unanswered.length), 1);
          if (frame === undefined || outcomes.has(frame.data as number)) return;
          expected.set(frame.data as number, refuse ? 'MessageRejectedError' : 'message');
          const { id, data } = frame;
          if (refuse) socket()?.push({ type: 'error', data: { message: 'no', code: 'x' }, id });
          else socket()?.push({ type: 'message', room: 'user:ada', data, id });
        },
        lose: () => {
          for (const { data } of socket()?.unanswered ?? []) {
            if (!outcomes.has(data as number)) expected.set(data as number, 'ConnectionLostError');
          }
          socket()?.lose();
        },
        wait: () => {},
      };
      for (const one of steps) {
        perform[one.is](one as never);
        if (one.is === 'wait') await clock.advance(one.ms);
        await turns(1);
        expect(client.queued).toBeLessThanOrEqual(limits.maxQueued);
      }
      const { sentAt = [] } = socket() ?? {};
      for (const [index, at] of sentAt.entries()) {
        const before = sentAt[index - limits.maxMessagesPerSecond];
        if (before !== undefined) expect(at - before).toBeGreaterThanOrEqual(1000);
      }
      const arrived = [...Socket.arrived];
      expect(arrived).toEqual([...new Set(arrived)].sort((a, b) => a - b));
      await client.disconnect();
      await turns(2);
      expect(outcomes.size).toBe(count);
      for (const [number, outcome] of outcomes) {
        const hasArrived = arrived.includes(number);
        if (expected.has(number)) expect(outcome).toBe(expected.get(number));
        else if (hasArrived) expect(['TimeoutError', 'ClientClosedError']).toContain(outcome);
        else expect(['QueueFullError', 'ClientClosedError']).toContain(outcome);
      }
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 300 },
  );
});
