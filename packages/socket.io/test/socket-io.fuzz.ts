import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually } from '@roomcast/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Poller, rawSocket } from './support/raw.js';
import { connected, start } from './support/servers.js';

const seed = Number(process.env.ROOMCAST_FUZZ_SEED) || Date.now() % 1_000_000_007;
const fuzzMs = Number(process.env.ROOMCAST_FUZZ_MS) || 20_000;
const maxGrowthBytes = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const json = fc.jsonValue({ maxDepth: 5 }).map((value) => JSON.stringify(value));
const namespace = fc.constantFrom('', '/other,', '/,', '/\u0000,', '/__proto__,');
const event = fc.tuple(fc.constantFrom('say', 'error', 'disconnect', '__proto__', 'connect', '', 5), fc.jsonValue());
/** Packets that are nearly right, wrong in their parts, and nonsense. */
const packet = fc.oneof(
  fc
    .tuple(fc.constantFrom('0', '1', '2', '3', '4'), namespace, fc.constantFrom('', '1', '99999999999'), json)
    .map((parts) => `4${parts.join('')}`),
  event.map((args) => `42${JSON.stringify(args)}`),
  fc.tuple(fc.constantFrom('5', '6'), fc.nat(20), json).map(([type, count, data]) => `4${type}${count}-${data}`),
  fc.constantFrom('40', '40{}', '41', '2', '3', '3probe', '5', '6', '1', '40/other,'),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
);

it(`survives arbitrary packets for ${fuzzMs} ms (ROOMCAST_FUZZ_SEED=${seed})`, async () => {
  const instance = await start({ maxMessages: 0 }, { maxConnectsPerIpPerMinute: 1e9 });
  const { realtime, client, engine, logger } = instance;
  realtime.io.on('connection', (socket) => {
    socket.on('echo', (value, answer) => answer?.(value));
    socket.on('say', (room) => {
      void socket.join(String(room));
    });
  });
  const bystander = await connected(client({ transports: ['websocket'] }));
  const [own] = realtime.mount.sessions;
  let before = 0;
  let runs = 0;
  const property = fc.asyncProperty(fc.array(packet, { maxLength: 30 }), fc.boolean(), async (packets, polls) => {
    if (polls) {
      const poller = await new Poller(instance).open();
      const texts = packets.filter((one) => typeof one === 'string');
      await poller.post(texts.join('\u001e'), { 'content-type': 'text/plain;charset=UTF-8' });
    } else {
      const raw = await rawSocket(instance);
      for (const one of packets) raw.send(one);
      raw.send('420["echo",1]');
      raw.socket.terminate();
    }
    expect(await bystander.emitWithAck('echo', runs)).toBe(runs);
    // Whoever polls and goes away is there until a ping is not answered.
    for (const session of realtime.mount.sessions) if (session !== own) session.terminate();
    if (++runs === 200) before = heapBytes();
  });
  await fc.assert(property, {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: fuzzMs,
    markInterruptAsFailure: false,
  });
  await eventually(() => realtime.mount.sessions.size === 1, 'the others end');
  expect(realtime.io.sockets.sockets.size).toBe(1);
  expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  expect(engine.stats().queuedBytes).toBe(0);
  // Engine.IO keeps a polling connection for half a minute after its end, for a poll that may come.
  if (before > 0) await eventually(() => heapBytes() - before < maxGrowthBytes, 'what was kept is let go', 40_000);
});
