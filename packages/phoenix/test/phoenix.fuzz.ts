import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { eventually, openClient, type TestClient } from '@roomcast/testing';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type ChannelDefinition, error, ok, reply, stop } from '../src/index.js';
import { maskedFrame, upgradeRequest } from './support/raw-socket.js';
import { startServer, type TestServer } from './support/server.js';

const seed = Number(process.env.ROOMCAST_FUZZ_SEED) || Date.now() % 1_000_000_007;
const fuzzMs = Number(process.env.ROOMCAST_FUZZ_MS) || 20_000;
const maxGrowthBytes = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Does whatever its clients ask for, of all that a channel can do. */
const room: ChannelDefinition = {
  join(payload, channel) {
    const wish = String(payload);
    if (wish === 'refuse') return error();
    if (wish === 'throw') throw new Error('on purpose');
    if (wish === 'push') channel.push('early', payload);
    if (wish === 'room') void channel.join('shared');
    return wish === 'later' ? Promise.resolve().then(() => ok(payload)) : ok(payload);
  },
  joined: (channel) => (channel.topic.endsWith('2') ? Promise.resolve() : undefined),
  message(event, payload, channel) {
    switch (event) {
      case 'stop':
        return stop('normal', ok());
      case 'throw':
        throw new Error('on purpose');
      case 'push':
        channel.push('pushed', payload);
        return;
      case 'broadcast':
        channel.broadcast('said', payload, { except: channel.session });
        return;
      case 'room':
        void channel.join('shared');
        return reply(String(payload), payload);
      case 'later':
        return Promise.resolve(ok(payload));
      default:
        return ok(payload);
    }
  },
};

const channels = { 'room:*': room, 'quiet:*': { join: () => ok(), message: () => ok() } };

const json = fc.jsonValue({ maxDepth: 3 });
const ref = fc.oneof(fc.constantFrom(null, '1', '2', 1), json);
const topic = fc.oneof(fc.constantFrom('room:1', 'room:2', 'room:3', 'phoenix', 'quiet:1'), fc.string(), json);
const event = fc.oneof(
  fc.constantFrom(
    'phx_join',
    'phx_leave',
    'phx_close',
    'heartbeat',
    'stop',
    'throw',
    'push',
    'broadcast',
    'room',
    'later',
  ),
  fc.string(),
  json,
);
const payload = fc.oneof(fc.constantFrom('refuse', 'throw', 'push', 'room', 'later'), json);
const arrayText = fc.tuple(ref, ref, topic, event, payload).map((frame) => JSON.stringify(frame));
const objectText = fc
  .record({ topic, event, payload, ref, join_ref: ref }, { requiredKeys: [] })
  .map((frame) => JSON.stringify(frame));
const short = fc.oneof(fc.constantFrom('', '1', '2', 'room:1', 'phoenix', 'push', 'heartbeat'), fc.string());
const binaryPush = fc.tuple(short, short, short, short, fc.uint8Array()).map(([joinRef, ref, topic, event, data]) => {
  const fields = [joinRef, ref, topic, event].map((field) => Buffer.from(field));
  return Buffer.concat([Buffer.from([0, ...fields.map(({ length }) => length)]), ...fields, data]);
});
const truncated = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.nat()).map(([whole, end]) => whole.slice(0, end % (whole.length + 1)));

const text = fc.oneof(
  { weight: 5, arbitrary: arrayText },
  { weight: 3, arbitrary: objectText },
  fc.string({ unit: 'binary' }),
  truncated(arrayText),
  truncated(objectText),
);
const bytes = fc.oneof(
  { weight: 3, arbitrary: binaryPush },
  fc.uint8Array().map((data) => Buffer.from(data)),
  arrayText.map((frame) => Buffer.from(frame)),
  fc.tuple(binaryPush, fc.nat()).map(([whole, end]) => whole.subarray(0, end % (whole.length + 1))),
);

/** What a client writes to its socket once it is connected. */
const written = fc.oneof(
  { weight: 8, arbitrary: text.map((frame) => maskedFrame(0x81, frame)) },
  { weight: 4, arbitrary: bytes.map((frame) => maskedFrame(0x82, frame)) },
  fc.tuple(fc.nat(255), bytes).map(([first, frame]) => maskedFrame(first, frame)),
  fc.uint8Array().map((data) => Buffer.from(data)),
);

const client = fc.record({
  lenient: fc.boolean(),
  vsn: fc.constantFrom('1.0.0', '2.0.0', '2.0.0', '3'),
  writes: fc.array(written, { maxLength: 30 }),
  ending: fc.constantFrom('close', 'end', 'destroy'),
});

/** Plays a client to its end. */
function play(port: number, { vsn, writes, ending }: { vsn: string; writes: Buffer[]; ending: string }): Promise<void> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.write(upgradeRequest(`/socket/websocket?vsn=${vsn}`));
    socket.once('data', () => {
      for (const write of writes) socket.write(write);
      if (ending === 'destroy') socket.destroy();
      else if (ending === 'end') socket.end();
      else socket.end(maskedFrame(0x88, Buffer.from([0x03, 0xe8])));
    });
    socket.on('data', () => {});
  });
}

interface Bystander {
  server: TestServer<unknown>;
  client: TestClient;
}

/** A session in a room of its own, which must not notice anything. */
async function bystander(objectFramesOnV2: boolean): Promise<Bystander> {
  const server = await startServer(
    { channels, objectFramesOnV2, maxMessages: 0, maxQueuedBytes: 256 * 1024 },
    { maxConnectsPerIpPerMinute: 1e9 },
  );
  const client = await openClient(server.url);
  client.send(['1', '1', 'quiet:own', 'phx_join', {}]);
  await client.next();
  return { server, client };
}

async function notices({ server, client }: Bystander): Promise<unknown[]> {
  server.phoenix.broadcast('quiet:own', 'news');
  client.send([null, 'still here', 'phoenix', 'heartbeat', {}]);
  return [await client.nextJson(), await client.nextJson(), ...client.received];
}

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

it(`survives arbitrary clients for ${fuzzMs} ms (ROOMCAST_FUZZ_SEED=${seed})`, async () => {
  const strict = await bystander(false);
  const lenient = await bystander(true);
  let clients = 0;
  const property = fc.asyncProperty(fc.array(client, { minLength: 1, maxLength: 4 }), async (group) => {
    await Promise.all(group.map((one) => play((one.lenient ? lenient : strict).server.port, one)));
    clients += group.length;
    for (const witness of [strict, lenient]) {
      expect(await notices(witness)).toEqual([
        [null, null, 'quiet:own', 'news', {}],
        [null, 'still here', 'phoenix', 'phx_reply', { response: {}, status: 'ok' }],
      ]);
    }
  });
  try {
    // The first round fills caches; only what comes after it may not grow.
    await fc.assert(property, { seed, numRuns: 300 });
    const before = heapBytes();
    await fc.assert(property, {
      seed: seed + 1,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: fuzzMs,
      markInterruptAsFailure: false,
    });
    for (const { server } of [strict, lenient]) {
      await eventually(() => server.engine.stats().sessions === 1, 'the end of all other sessions');
      expect(server.phoenix.mount.rooms.size).toBe(1);
      expect(server.engine.stats().queuedBytes).toBe(0);
    }
    const growth = heapBytes() - before;
    console.log(`${clients} clients, heap ${growth < 0 ? '' : '+'}${Math.round(growth / 1024)} KiB`);
    expect(growth).toBeLessThan(maxGrowthBytes);
  } finally {
    await strict.server.close();
    await lenient.server.close();
  }
});
