import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { play, someCommands } from './support/model.js';
import { event, events, startGateway, stopAll, until } from './support/server.js';

const seed = Number(process.env.ROOMCAST_FUZZ_SEED) || Date.now() % 1_000_000_007;
const fuzzMs = Number(process.env.ROOMCAST_FUZZ_MS) || 20_000;
const maxGrowthBytes = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

afterEach(stopAll);

const limits = { maxConnectionsPerIdentity: 100, maxAuthsPerMinute: 1000 };

it(`tells everybody what the specification says for ${fuzzMs} ms (ROOMCAST_FUZZ_SEED=${seed})`, async () => {
  const server = await startGateway(limits, { maxConnectsPerIpPerMinute: 1e9 });
  await fc.assert(
    fc.asyncProperty(someCommands, (commands) => play(server, commands)),
    { seed, numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: fuzzMs, markInterruptAsFailure: false },
  );
  expect(server.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

it(`survives arbitrary messages for ${fuzzMs} ms (ROOMCAST_FUZZ_SEED=${seed})`, async () => {
  const server = await startGateway({ maxConnectionsPerIdentity: 100 }, { maxConnectsPerIpPerMinute: 1e9 });
  const bystander = await server.subscribed([{ event_type: 'system_alert' }]);
  const value = fc.jsonValue({ maxDepth: 4 });
  const known = fc.record(
    {
      message_type: fc.oneof(fc.constantFrom('auth', 'subscribe', 'ping'), value),
      data: fc.oneof(
        value,
        fc.record({
          token: value,
          subscriptions: fc.oneof(value, fc.array(fc.record({ event_type: value, room: value }))),
        }),
      ),
      timestamp: value,
    },
    { requiredKeys: [] },
  );
  const json = fc.oneof(known, value).map((one) => JSON.stringify(one));
  const message = fc.oneof(
    { weight: 4, arbitrary: json },
    fc.tuple(json, fc.nat()).map(([whole, end]) => whole.slice(0, end % (whole.length + 1))),
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  );
  let sent = 0;
  const property = fc.asyncProperty(fc.array(message, { maxLength: 60 }), async (messages) => {
    const client = await server.client();
    for (const one of messages) client.send(one);
    sent += messages.length;
    server.publish(event('system_alert'));
    expect(await events(bystander)).toEqual(['system_alert']);
    await client.close();
  });
  // The first round fills caches; only what comes after it may not grow.
  await fc.assert(property, { seed, numRuns: 200 });
  const before = heapBytes();
  await fc.assert(property, {
    seed: seed + 1,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: fuzzMs,
    markInterruptAsFailure: false,
  });
  await until(() => expect(server.gateway.mount.sessions.size).toBe(1));
  server.logger.lines.length = 0;
  const growth = heapBytes() - before;
  console.log(`${sent} messages, heap ${growth < 0 ? '' : '+'}${Math.round(growth / 1024)} KiB`);
  expect(growth).toBeLessThan(maxGrowthBytes);
});
