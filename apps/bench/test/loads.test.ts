import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { dialectNames } from '../src/dialects/index.js';
import { purchase } from '../src/dialects/raffle.js';
import type { Samples } from '../src/loader/meter.js';
import { type Load, runLoad } from '../src/loader/run.js';
import { serverNamed } from '../src/servers/index.js';
import type { ServerOptions } from '../src/servers/options.js';
import { publishToken } from '../src/servers/tokens.js';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function measure(name: string, speech: string, load: Load, options: Partial<ServerOptions> = {}) {
  const start = await serverNamed(name);
  const server = await start({ port: 0, ...options });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Server and loader are this one process here: what it uses says nothing, and that is not what is tested.
  const placement = { pid: process.pid, serverCore: -1, loaderCore: -1 };
  return runLoad({ load, speech, target: { port }, placement });
}

const seconds = 0.1;
const positive = (samples: Samples, ...names: string[]) => {
  for (const name of names) expect(samples[name]?.value, name).toBeGreaterThan(0);
};

const plain: [string, string][] = [
  ['ws', 'raw'],
  ['socket.io', 'socket.io'],
  ['roomcast', 'raw'],
];

describe.each([
  ...plain,
  ...dialectNames.map((name): [string, string] => [name, name]),
  ['killmails', 'real killmails'] as [string, string],
])('%s, spoken to in %s', (name, speech) => {
  test('delivers every event to every member of a room', async () => {
    const samples = await measure(name, speech, { mode: 'room', members: 7, windows: [4, 1], calm: 700, seconds });
    positive(samples, 'cpu4', 'cpu1', 'cpuCalm', 'p50', 'p99', 'perSecond4');
    const doubts = Object.values(samples).map(({ doubt }) => doubt ?? '');
    expect(doubts.filter((doubt) => /never came|connections ended/.test(doubt))).toEqual([]);
  });
});

describe.each(plain)('%s', (name, speech) => {
  test('delivers to many rooms', async () => {
    const samples = await measure(name, speech, { mode: 'rooms', sockets: 60, rooms: 8, windows: [4, 16], seconds });
    positive(samples, 'cpu4', 'cpu16');
    expect(samples.cpu16?.doubt ?? '').not.toMatch(/never came/);
  });

  test('answers requests', async () => {
    positive(
      await measure(name, speech, { mode: 'requests', clients: 3, depths: [1, 4], seconds }),
      'depth1',
      'depth4',
      'loader4',
    );
  });

  test('lets in those who have a token', async () => {
    positive(await measure(name, speech, { mode: 'connect', connections: 20 }, { jwt: true }), 'cpu', 'perSecond');
  });

  test('is asked beside other traffic', async () => {
    positive(await measure(name, speech, { mode: 'pings', seconds }), 'pingP50', 'pingP99');
  });
});

test.each(['ws', 'roomcast'])('nobody gets in without a token where %s asks for one', async (name) => {
  const joined = measure(name, 'raw', { mode: 'pings', seconds }, { jwt: true });
  await expect(joined).rejects.toThrow('only 0 of 1 connections joined');
});

test('events come in by HTTP', async () => {
  const load: Load = {
    mode: 'http',
    members: 3,
    path: '/api/publish/raffle',
    token: publishToken,
    event: purchase,
    seconds,
  };
  positive(await measure('raffle', 'raffle', load, { http: true }), 'post', 'post16', 'toAll', 'cpuHttp');
  positive(await measure('ws', 'raw', load, { http: true }), 'post', 'toAll', 'cpuHttp');
});

test('webhooks reach every subscriber', async () => {
  const samples = await measure('webhook', 'real killmails', { mode: 'hooks', subscribers: 4, calm: 400, seconds });
  positive(samples, 'cpuCalm', 'p50');
  expect(samples.p50?.doubt ?? '').not.toMatch(/never came/);
});

test('other subscriptions do not get the filtered event', async () => {
  const samples = await measure('raffle', 'raffle', { mode: 'filters', others: [0, 300], seconds });
  positive(samples, 'others0', 'others300');
  expect(samples.others300?.doubt ?? '').not.toMatch(/never came/);
});

test.each([
  { rooms: 6, membersPerRoom: 3, sockets: 9 },
  { rooms: 2001, membersPerRoom: 2, sockets: 2 },
])('$rooms rooms of equal size are heard by their members', async (size) => {
  const load: Load = { mode: 'grid', ...size, calm: 600, seconds };
  const samples = await measure('roomcast', 'raw', load);
  positive(samples, 'cpu');
  expect(samples.cpu?.doubt ?? '').not.toMatch(/never came/);
});

test('readers that stall hold up nobody else', async () => {
  const load: Load = { mode: 'stalled', members: 5, stalled: 1, events: 1000, maxSeconds: 0.2, seconds };
  const samples = await measure('roomcast', 'raw', load);
  positive(samples, 'events', 'others');
  expect(samples.others?.doubt ?? '').not.toMatch(/never came/);
});

test('real killmails pass the check', async () => {
  const placement = { pid: 0, serverCore: -1, loaderCore: -1 };
  // Long enough for a median of some dozens: of two passes alone a garbage collection makes either the slower one.
  const load: Load = { mode: 'ingest', seconds: 1 };
  const { parse, checked } = await runLoad({ load, speech: 'raw', target: { port: 0 }, placement });
  expect(checked?.value).toBeGreaterThan(parse?.value ?? Number.NaN);
});
