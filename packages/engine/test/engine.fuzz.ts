import { eventually, type TestClient, turns } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { Random } from './support/random.js';
import { clientFrame, RawSocket, rawSocket, upgradeRequest } from './support/raw-socket.js';
import { ask, type RawServer, rawServer } from './support/raw-wire.js';

const forMs = 10_000;
const random = new Random();
const repeat = `repeat with FUZZ_SEED=${random.seed}`;

/** A server, somebody who must be served all the time, and the errors that would have ended the process. */
async function underFire() {
  const server = await rawServer({
    maxMessages: 0,
    maxFrameBytes: 4096,
    maxFragments: 16,
    maxQueuedBytes: 100_000,
    engine: { maxConnectsPerIpPerMinute: 1_000_000, maxConnections: 100_000, maxConnectionsPerIp: 100_000 },
  });
  const witness = await server.member('hall');
  const escaped: unknown[] = [];
  const onEscape = (error: unknown) => void escaped.push(error);
  process.on('uncaughtException', onEscape);
  process.on('unhandledRejection', onEscape);
  const calm = async () => {
    await eventually(() => server.engine.stats().sessions === 1, `the attackers’ places to be free; ${repeat}`);
    process.off('uncaughtException', onEscape);
    process.off('unhandledRejection', onEscape);
    expect(escaped, repeat).toEqual([]);
    expect(server.engine.stats(), repeat).toMatchObject({ queuedBytes: 0, blockedSessions: 0 });
    expect(server.mount.stats(), repeat).toMatchObject({ sessions: 1, rooms: 1 });
  };
  return { server, witness, calm };
}

async function witnessed(server: RawServer, witness: TestClient, round: number): Promise<void> {
  expect(await ask(witness, { t: 'echo', data: round }), repeat).toEqual({ t: 'echo', data: round });
  server.mount.publish('news', { rooms: ['hall'], data: round });
  expect(await witness.nextJson(), repeat).toEqual({ t: 'event', data: round });
}

/** Attacks for as long as one test may take; after every twenty of them the attackers are gone and `check` runs. */
async function fire(attack: (round: number) => Promise<RawSocket>, check: (round: number) => Promise<void>) {
  const end = performance.now() + forMs;
  const sockets: RawSocket[] = [];
  let round = 0;
  for (; performance.now() < end; round++) {
    sockets.push(await attack(round));
    if (round % 20 !== 19) continue;
    await turns(3);
    for (const socket of sockets.splice(0)) {
      if (random.once(2)) socket.destroy();
      else socket.socket.resetAndDestroy();
    }
    await check(round);
  }
  for (const socket of sockets) socket.destroy();
  expect(round).toBeGreaterThan(100);
}

const messages = [
  '{"t":"join","room":"hall"}',
  '{"t":"join","room":"x"}',
  '{"t":"leave","room":"hall"}',
  '{"t":"echo","data":"x"}',
  '{"t":"publish","topic":"news","event":{"rooms":["x"],"data":1}}',
] as const;

/** A frame that is valid, nearly valid, or nothing of the kind. */
function anyFrame(): Buffer {
  const valid = clientFrame(1, random.pick(messages));
  switch (random.int(0, 8)) {
    case 0:
      return random.bytes(random.int(1, 200));
    case 1:
      return clientFrame(random.int(0, 16), random.bytes(random.int(0, 130)), random.once(2));
    case 2:
      return clientFrame(1, 'x'.repeat(random.int(4000, 4200)));
    case 3:
      valid[random.int(0, valid.length)] = random.int(0, 256);
      return valid;
    case 4:
      return valid.subarray(0, random.int(1, valid.length));
    default:
      return valid;
  }
}

it('bytes of every kind after a handshake end at most their own session', { timeout: 60_000 }, async () => {
  const { server, witness, calm } = await underFire();
  await fire(
    async (round) => {
      const socket = rawSocket({ port: server.port, path: `/raw?id=${round % 50}`, early: anyFrame() });
      for (let frames = random.int(0, 12); frames > 0; frames--) {
        if (random.once(3)) await turns(1);
        socket.write(anyFrame());
      }
      if (random.once(4)) socket.socket.pause();
      return socket;
    },
    (round) => witnessed(server, witness, round),
  );
  await calm();
});

const names = [
  'Upgrade',
  'Connection',
  'Host',
  'Origin',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'X-Forwarded-For',
  'Content-Length',
] as const;
const values = ['', 'websocket', 'Upgrade', '13', '8', 'null', 'https://x.example', 'a,,b', '::', '5', '%00'] as const;
const paths = ['/raw', '/raw?id=ada', '/raw?refuse=403', '/raw?%', '/other', '//raw', '*', 'http://h/raw'] as const;

/** An upgrade request that is valid, nearly valid, or nothing of the kind. */
function anyRequest(): Buffer {
  const headers: Record<string, string> = {};
  for (let changes = random.int(0, 3); changes > 0; changes--) headers[random.pick(names)] = random.pick(values);
  const request = Buffer.from(upgradeRequest(random.pick(paths), headers));
  switch (random.int(0, 6)) {
    case 0:
      return random.bytes(random.int(1, 300));
    case 1:
      request[random.int(0, request.length)] = random.int(0, 256);
      return request;
    case 2:
      return request.subarray(0, random.int(1, request.length));
    case 3:
      return Buffer.concat([request, random.bytes(random.int(1, 100))]);
    default:
      return request;
  }
}

it('requests of every kind are answered or cut off, and take no place for good', { timeout: 60_000 }, async () => {
  const { server, witness, calm } = await underFire();
  await fire(
    async () => {
      const socket = new RawSocket(server.port);
      const bytes = anyRequest();
      const middle = random.once(3) ? random.int(0, bytes.length) : 0;
      socket.write(bytes.subarray(0, middle));
      if (middle > 0) await turns(1);
      socket.write(bytes.subarray(middle));
      return socket;
    },
    (round) => witnessed(server, witness, round),
  );
  await calm();
});
