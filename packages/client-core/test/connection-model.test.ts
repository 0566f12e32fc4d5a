import { turns } from '@roomcast/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ConnectionChange, canBecome, QueueFullError, Wishes } from '../src/index.js';
import { type Harness, harness } from './support/harness.js';

const maxQueued = 3;
const capMs = 4_000;

/** Everything that can happen to a connection: calls, a server's whims, time. */
type Step =
  | { is: 'connect' | 'close' | 'handshake' | 'accept' | 'send' | 'message' | 'refuse' }
  | { is: 'wish' | 'drop wish'; key: string }
  | { is: 'pass' | 'sleep'; ms: number }
  | { is: 'end'; code: number }
  | { is: 'token'; how: 'given' | 'late' | 'missing' }
  | { is: 'peer'; answers: boolean; agrees: boolean };

const key = fc.constantFrom('a', 'b', 'c');
const code = fc.constantFrom(1000, 1001, 1006, 1012, 4002);
const how = fc.constantFrom('given', 'late', 'missing');

function often(weight: number, is: Step['is'], data: Record<string, fc.Arbitrary<unknown>> = {}) {
  return { weight, arbitrary: fc.record({ is: fc.constant(is), ...data }) as fc.Arbitrary<Step> };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  often(3, 'connect'),
  often(6, 'handshake'),
  often(5, 'accept'),
  often(3, 'send'),
  often(3, 'wish', { key }),
  often(1, 'drop wish', { key }),
  often(3, 'pass', { ms: fc.nat(30_000) }),
  often(1, 'sleep', { ms: fc.integer({ min: -50_000, max: 900_000 }) }),
  often(1, 'message'),
  often(1, 'refuse'),
  often(2, 'end', { code }),
  often(1, 'token', { how }),
  often(1, 'peer', { answers: fc.boolean(), agrees: fc.boolean() }),
);

/** Of these at most one: what follows is a short story. */
const last: fc.Arbitrary<Step> = fc.constantFrom({ is: 'close' }, { is: 'end', code: 1003 });

const stories = fc
  .tuple(fc.array(step, { maxLength: 60 }), fc.array(last, { maxLength: 1 }), fc.array(step, { maxLength: 5 }))
  .map((parts) => parts.flat());

class Run {
  readonly #world: Harness;
  readonly #wishes = new Wishes<string>((key) => key);
  /** What a socket should have been asked for, by the socket's number. */
  readonly #asked = new Map<number, string[]>();
  #tokens: 'given' | 'late' | 'missing' = 'given';
  #peerAnswers = true;
  #sent = 0;
  readonly #taken: string[] = [];
  #refused = 0;
  #last: ConnectionChange | undefined;

  constructor() {
    this.#world = harness({
      maxQueued,
      capMs,
      token: () => this.#token(),
      policy: { shouldRefreshToken: ({ code }) => code === 4002 },
      authenticate: () => 'wait',
      heartbeat: { intervalMs: 5_000, timeoutMs: 2_000, beat: () => this.#world.connection.transmit('ping') },
    });
    const { changes, network } = this.#world;
    changes.push = (change) => this.#changed(change);
    network.onSent = (text, socket) => {
      if (text === 'ping' && this.#peerAnswers) queueMicrotask(() => socket.message('pong'));
    };
  }

  async take(step: Step): Promise<void> {
    const { connection, network, clock } = this.#world;
    const socket = network.sockets.at(-1);
    switch (step.is) {
      case 'connect':
        connection.connect();
        break;
      case 'close':
        void connection.close();
        break;
      case 'handshake':
        socket?.open();
        break;
      case 'accept':
        connection.accepted();
        break;
      case 'send': {
        const text = `message ${++this.#sent}`;
        const result = connection.send(text);
        if (result === 'sent' || result === 'queued') this.#taken.push(text);
        if (result === 'refused') this.#refused += 1;
        break;
      }
      case 'wish':
        this.#wishes.add(step.key);
        if (connection.state === 'open') this.#ask([step.key]);
        break;
      case 'drop wish':
        this.#wishes.remove(step.key);
        break;
      case 'pass':
        await clock.advance(step.ms);
        break;
      case 'sleep':
        clock.sleep(step.ms);
        break;
      case 'message':
        socket?.message('news');
        break;
      case 'refuse':
        if (socket?.state === 'connecting') socket.fail();
        break;
      case 'end':
        socket?.end(step.code);
        break;
      case 'token':
        this.#tokens = step.how;
        break;
      case 'peer':
        this.#peerAnswers = step.answers;
        network.agreesToClose = step.agrees;
        break;
    }
    await turns(1);
    this.check();
  }

  check(): void {
    const { connection, network, clock, errors } = this.#world;
    const { state } = connection;
    // At most one socket, and none where the state says there is none.
    const sockets = { connecting: [0, 1], authenticating: [1], open: [1] }[String(state)] ?? [0];
    expect(sockets, state).toContain(network.live.length);
    // Exactly the timers that the state needs: nothing is forgotten, nothing left behind.
    const timers = { connecting: 1, authenticating: 1, open: 1, waiting: 1 }[String(state)] ?? 0;
    if (state !== 'closed') expect(clock.timers.pending, state).toBe(timers);
    for (const one of network.sockets) {
      if (!one.isLive) expect([one.onopen, one.onmessage]).toEqual([null, null]);
    }
    expect(connection.queued).toBeLessThanOrEqual(maxQueued);
    expect(errors.filter((error) => error instanceof QueueFullError)).toHaveLength(this.#refused);
    // Each message at most once over all sockets, in order, and none that was not taken.
    const messages = network.sockets.flatMap(({ sent }) => sent.filter((text) => text.startsWith('message')));
    expect(messages).toEqual(this.#taken.filter((text) => messages.includes(text)));
    // Each wish once per connection, and once more for each time it was made anew on it.
    network.sockets.forEach(({ sent }, index) => {
      expect(sent.filter((text) => text.startsWith('wish'))).toEqual(this.#asked.get(index) ?? []);
    });
  }

  /** Whatever happened: closing leaves nothing. */
  async end(): Promise<void> {
    const { connection, network, clock } = this.#world;
    const done = connection.close();
    expect(connection.close()).toBe(done);
    await clock.advance(2_000);
    await done;
    await turns(1);
    connection.connect();
    connection.accepted();
    expect(connection.state).toBe('closed');
    expect(connection.send('too late')).toBe('closed');
    expect(clock.timers.pending).toBe(0);
    expect(network.sockets.map(({ state, listeners }) => [state, listeners])).toEqual(
      network.sockets.map(() => ['closed', 0]),
    );
  }

  /** The SDK's part: restore on `open`, forget on leaving it. */
  #changed(change: ConnectionChange): number {
    expect(change.previous).toBe(this.#last?.state ?? 'idle');
    expect(canBecome(change.previous, change.state)).toBe(true);
    expect(change.reason).not.toBe('');
    expect(change.retryInMs !== undefined).toBe(change.state === 'waiting');
    expect(change.retryInMs ?? 0).toBeLessThanOrEqual(capMs);
    this.#last = change;
    if (change.previous === 'open') this.#wishes.interrupted();
    if (change.state === 'open') {
      const wanted = this.#wishes.list;
      this.#ask(wanted);
      // All of them are on their way before anything that was queued.
      expect(this.#world.network.socket.sent).toEqual(wanted.map((key) => `wish ${key}`));
    }
    return 0;
  }

  #ask(expected: readonly string[]): void {
    const { connection, network } = this.#world;
    const index = network.sockets.length - 1;
    this.#asked.set(index, [...(this.#asked.get(index) ?? []), ...expected.map((key) => `wish ${key}`)]);
    for (const key of this.#wishes.takeUnasked()) expect(connection.transmit(`wish ${key}`)).toBe(true);
  }

  #token(): string | Promise<string> {
    if (this.#tokens === 'missing') throw new Error('no token');
    return this.#tokens === 'late' ? new Promise(() => {}) : 'token';
  }
}

/** A story in which everything is reached, so that the model is not held by mere chance. */
const busy: Step[] = [
  { is: 'send' },
  { is: 'wish', key: 'a' },
  { is: 'connect' },
  { is: 'handshake' },
  { is: 'accept' },
  { is: 'wish', key: 'b' },
  { is: 'pass', ms: 12_000 },
  { is: 'end', code: 4002 },
  { is: 'pass', ms: 0 },
  { is: 'handshake' },
  { is: 'accept' },
  { is: 'peer', answers: false, agrees: true },
  { is: 'pass', ms: 7_000 },
  ...Array.from({ length: 5 }, () => ({ is: 'send' as const })),
];

it('keeps its promises whatever happens in whatever order', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (steps) => {
      const run = new Run();
      for (const step of steps) await run.take(step);
      await run.end();
    }),
    { numRuns: 300, examples: [[busy]] },
  );
});
