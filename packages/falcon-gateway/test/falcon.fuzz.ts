import { messageTypes } from '@roomcast/falcon-protocol';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { play, someCommands } from './support/model.js';
import { type Frame, type Member, start, stopAll, type TestServer } from './support/server.js';

afterEach(stopAll);

/** How long each part goes on. A failure prints the seed and path with which it can be repeated. */
const timeLimitMs = Number(process.env.ROOMCAST_FUZZ_MS ?? 30_000);
const endless = {
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: timeLimitMs,
  markInterruptAsFailure: false,
};

it(`agrees with the protocol for ${timeLimitMs} ms`, async () => {
  await fc.assert(
    fc.asyncProperty(someCommands, async (commands) => {
      await play(commands);
      await stopAll();
    }),
    endless,
  );
});

const odd = fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.constant(null));
const mostly = (value: fc.Arbitrary<unknown>) => fc.oneof({ weight: 6, arbitrary: value }, odd);
const room = fc.constantFrom('user:ada', 'user:bob', 'group:g', 'group:secret', 'thread:1', 'lobby', '__proto__', '');

const message = fc.record(
  {
    type: mostly(fc.constantFrom(...messageTypes, 'constructor')),
    room: mostly(room),
    to: mostly(fc.constantFrom('nobody', '__proto__')),
    id: mostly(fc.string({ minLength: 1, maxLength: 5 })),
    timestamp: mostly(fc.integer()),
    data: mostly(
      fc.record(
        {
          action: mostly(fc.constantFrom('join', 'leave', 'ping', 'subscribe_presence', 'unsubscribe_presence')),
          room: mostly(room),
          userIds: mostly(fc.array(fc.constantFrom('ada', 'bob', 'eve', ''))),
          userId: mostly(fc.constantFrom('ada', 'bob')),
          status: mostly(fc.constantFrom('online', 'away', 'offline', 'busy')),
          metadata: mostly(fc.dictionary(fc.string(), fc.string())),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

const text = fc.oneof(
  { weight: 8, arbitrary: message.map((value) => JSON.stringify(value)) },
  fc.tuple(message, fc.nat()).map(([value, end]) => JSON.stringify(value).slice(0, end)),
  fc.string({ unit: 'binary' }),
);

const usable = (id: unknown) => typeof id === 'string' && /^[^\p{Cc}\p{Cs}]{1,128}$/u.test(id);

function idOf(sent: string): unknown {
  try {
    return Object(JSON.parse(sent)).id;
  } catch {
    // No JSON: nothing has an id.
    return undefined;
  }
}

it(`answers whatever is sent for ${timeLimitMs} ms, and nobody hears what is not for them`, async () => {
  const server: TestServer = await start();
  const secret = await server.member({ user_id: 'keeper', groups: ['secret'] });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 60 }), async (texts) => {
      const ada: Member = await server.member({ user_id: 'ada', groups: ['g'] });
      for (const sent of texts) ada.send(sent);
      const frames: Frame[] = await ada.told();
      const answered = frames.map(({ id }) => id);
      for (const id of texts.map(idOf).filter(usable)) expect(answered).toContain(id);
      expect(frames.every(({ timestamp }) => !Number.isNaN(Date.parse(timestamp)))).toBe(true);
      expect(frames.every(({ from }) => from === undefined || from === ada.connection)).toBe(true);
      expect(await secret.told()).toEqual([]);
      await ada.client.close();
    }),
    endless,
  );
  expect(server.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
