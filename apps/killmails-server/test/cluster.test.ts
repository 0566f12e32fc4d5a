import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bus, MemoryBroker } from '@roomcast/engine';
import type { RunningServer } from '@roomcast/server';
import { eventually, RecordingLogger, type TestClient } from '@roomcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { readKillmailsEnvironment } from '../src/environment.js';
import { startKillmailsServer } from '../src/index.js';
import { r2z2Body } from './support/kills.js';
import { joinLobby, nextOf } from './support/lobby.js';
import { R2z2Server } from './support/r2z2-server.js';
import { unreachable } from './support/unreachable.js';

const system = 30000142;

async function start(r2z2: R2z2Server, bus: Bus, userAgent: string): Promise<RunningServer> {
  const env = readKillmailsEnvironment({
    PORT: '0',
    STATE_DIR: mkdtempSync(join(tmpdir(), 'roomcast-killmails-')),
    KILLMAILS_TOKENS: 'client-token',
    KILLMAILS_UPSTREAM: 'r2z2',
    R2Z2_URL: r2z2.url,
    ESI_URL: await unreachable(),
    USER_AGENT: userAgent,
  });
  const server = await startKillmailsServer(env, { logger: new RecordingLogger(), bus });
  onTestFinished(() => server.close(1000));
  return server;
}

function body(index: number): object {
  const { esi, ...rest } = r2z2Body(index);
  return { ...rest, esi: { ...esi, solar_system_id: system } };
}

async function nextKill(client: TestClient): Promise<number> {
  const { killmails } = (await nextOf(client, 'killmail_update')) as { killmails: { killmail_id: number }[] };
  return killmails[0]?.killmail_id ?? 0;
}

test('of two instances one reads the feed, both deliver, and the other goes on when it is gone', async () => {
  const broker = new MemoryBroker();
  const r2z2 = await new R2z2Server().start();
  r2z2.putAll(1, [body(30), body(31)]);
  const servers = new Map<string, RunningServer>();
  for (const name of ['one', 'two']) servers.set(name, await start(r2z2, broker.connect(), name));
  const clients = await Promise.all(
    [...servers.values()].map(({ url }) => joinLobby(url, 'client-token', { systems: [system] })),
  );
  r2z2.sequence(1);
  for (const client of clients) {
    expect([await nextKill(client), await nextKill(client)]).toEqual([
      r2z2Body(30).killmail_id,
      r2z2Body(31).killmail_id,
    ]);
  }
  const readers = (from: number) => r2z2.requests.slice(from).map(({ headers }) => String(headers['user-agent']));
  const [reader] = readers(0);
  expect(new Set(readers(0))).toEqual(new Set([reader]));
  const other = reader === 'one' ? 'two' : 'one';

  await eventually(() => r2z2.asked.includes('3'), 'the end of the feed');
  const asked = r2z2.requests.length;
  r2z2.putAll(3, [body(32)]);
  await servers.get(String(reader))?.close(2000);
  const client = clients[other === 'one' ? 0 : 1] as TestClient;
  expect(await nextKill(client)).toBe(r2z2Body(32).killmail_id);
  expect(new Set(readers(asked))).toEqual(new Set([other]));
  expect(r2z2.asked[asked]).toBe('3');
  await eventually(async () => {
    const response = await fetch(`${servers.get(other)?.url}/api/v1/kills/count/${system}`);
    return ((await response.json()) as { data: { count: number } }).data.count === 3;
  }, 'the count');
});

test('the status is that of all instances: connections together, what is wanted each once, and who reads the feed', async () => {
  const broker = new MemoryBroker();
  const r2z2 = await new R2z2Server().start();
  r2z2.putAll(1, [body(30)]);
  r2z2.sequence(1);
  const servers = [];
  for (const name of ['one', 'two']) servers.push(await start(r2z2, broker.connect(), name));
  const [one, two] = servers as [RunningServer, RunningServer];
  const clients = [
    await joinLobby(one.url, 'client-token', { systems: [system, 5], character_ids: [9] }),
    await joinLobby(two.url, 'client-token', { systems: [system, 6] }),
    await joinLobby(two.url, 'client-token', { systems: [6] }),
  ];
  expect(clients).toHaveLength(3);
  for (const { url } of servers) {
    await eventually(async () => {
      const { data } = (await (await fetch(`${url}/status`)).json()) as {
        data: { feed: { sequence?: number }; killmails: { received: number }; websocket: Record<string, number> };
      };
      return (
        data.feed.sequence === 1 &&
        data.killmails.received === 1 &&
        data.websocket.active_connections === 3 &&
        data.websocket.subscribed_systems === 3 &&
        data.websocket.subscribed_characters === 1
      );
    }, 'the figures of both');
  }
});

test('an instance that comes has the history and the counts of the others', async () => {
  const broker = new MemoryBroker();
  const r2z2 = await new R2z2Server().start();
  r2z2.putAll(1, [body(30), body(31)]);
  r2z2.sequence(1);
  const one = await start(r2z2, broker.connect(), 'one');
  const read = async ({ url }: RunningServer, path: string) => {
    const response = await fetch(`${url}/api/v1/${path}`);
    return [response.status, ((await response.json()) as { data?: unknown }).data];
  };
  const id = r2z2Body(31).killmail_id;
  await eventually(async () => (await read(one, `killmail/${id}`))[0] === 200, 'both kills');
  const two = await start(r2z2, broker.connect(), 'two');
  await eventually(async () => (await read(two, `killmail/${id}`))[0] === 200, 'them on the other');
  expect(await read(two, `killmail/${id}`)).toEqual(await read(one, `killmail/${id}`));
  await eventually(async () => {
    const [, data] = await read(two, `kills/count/${system}`);
    return (data as { count: number }).count === 2;
  }, 'the count');
});

test('an instance is ready once it hears the others, however late the broker is there', async () => {
  const bus = new MemoryBroker().connect();
  const { subscribe } = bus;
  bus.subscribe = () => Promise.reject(new Error('the broker is not there'));
  const { url } = await start(await new R2z2Server().start(), bus, 'one');
  const ready = async () => (await fetch(`${url}/readyz`)).status;
  expect(await ready()).toBe(503);
  bus.subscribe = subscribe;
  await eventually(async () => (await ready()) === 200, 'the server to be ready');
});
