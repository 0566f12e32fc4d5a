import { type ChildProcess, spawn } from 'node:child_process';
import { on, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Socket } from 'phoenix';
import { io as connect } from 'socket.io-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const popularSystems = [30000142, 30002659, 30002187, 30002053, 30002510];

let stateDir: string;
let demo: ChildProcess;
const lines: string[] = [];

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'roomcast-demo-'));
  demo = spawn(process.execPath, ['--conditions=@roomcast/source', '--import', 'tsx', main], {
    env: { ...process.env, PORT: '0', STATE_DIR: stateDir, METRICS_TOKEN: 'metrics-token-0123' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: demo.stdout as NodeJS.ReadableStream })) {
    lines.push(line);
    if (line.startsWith('Press Ctrl-C')) break;
  }
});

afterAll(async () => {
  demo.kill('SIGKILL');
  await rm(stateDir, { recursive: true });
});

it('prints where killmails are and a token, with which the official client receives kills', async () => {
  const [, url, token] = lines.join('\n').match(/^killmails +(ws:\S+)\?token=(\S+)$/m) ?? [];
  const socket = new Socket(url as string, { params: { token }, transport: WebSocket });
  socket.connect();
  const channel = socket.channel('killmails:lobby', { systems: popularSystems });
  const update = await new Promise<{ system_id: number; killmails: object[] }>((resolve, reject) => {
    channel.on('killmail_update', resolve);
    channel.join().receive('error', reject).receive('timeout', reject);
  });
  expect(popularSystems).toContain(update.system_id);
  expect(update.killmails[0]).toMatchObject({ solar_system_id: update.system_id, attackers: expect.any(Array) });
  socket.disconnect();
});

it('prints where falcon rooms are and a token, with which the user’s rooms are joined', async () => {
  const [, url] = lines.join('\n').match(/^falcon +(ws:\S+)$/m) ?? [];
  const [, token] = lines.join('\n').match(/Authorization: Bearer:\n +(\S+)$/m) ?? [];
  const socket = new WebSocket(url as string, { headers: { Authorization: `Bearer ${token}` } });
  const rooms: string[] = [];
  for await (const [text] of on(socket, 'message')) {
    const { type, data } = JSON.parse(String(text));
    if (type === 'room_joined') rooms.push(data.room_id);
    if (rooms.length === 2) break;
  }
  expect(rooms).toEqual([expect.stringMatching(/^user:/), 'group:fleet-commanders']);
  socket.terminate();
});

it('prints where guilds can be watched, and a token with which a guild’s events arrive', async () => {
  const [, url] = lines.join('\n').match(/^spywatcher +(http:\S+)$/m) ?? [];
  const [, guild, token] = lines.join('\n').match(/who sees guild (\d+):\n +(\S+)$/m) ?? [];
  const socket = connect(url as string, { auth: { token }, forceNew: true });
  const told = new Promise<{ guildId: string }>((resolve) => {
    socket.onAny((event: string, data) => event !== 'error' && resolve(data));
  });
  expect(await socket.emitWithAck('subscribe:guild', guild)).toEqual({ ok: true });
  expect(await told).toMatchObject({ guildId: guild, username: expect.any(String) });
  socket.disconnect();
});

it('prints where raffle events are, and those of the demo arrive', async () => {
  const [, url] = lines.join('\n').match(/^raffle +(ws:\S+)$/m) ?? [];
  const socket = new WebSocket(url as string);
  await once(socket, 'open');
  socket.send(JSON.stringify({ message_type: 'subscribe', data: { subscriptions: [{ event_type: 'all' }] } }));
  const [text] = await once(socket, 'message');
  expect(JSON.parse(String(text))).toMatchObject({ message_type: expect.any(String), data: expect.any(Object) });
  socket.terminate();
});

it('prints where a fleet can be watched, with a token of its manager', async () => {
  const [, url] = lines.join('\n').match(/^vmax +(ws:\S+)$/m) ?? [];
  const socket = new WebSocket(url as string);
  const types: string[] = [];
  for await (const [text] of on(socket, 'message')) {
    types.push(JSON.parse(String(text)).type);
    if (types.length === 2) break;
  }
  expect(types[0]).toBe('CONNECTED');
  expect(types[1]).toMatch(/^(REGULATOR|TELEMETRY)_/);
  socket.terminate();
});

it('serves the console, whose page may talk to every server', async () => {
  const [, url = ''] = lines.join('\n').match(/^console +(http:\S+)$/m) ?? [];
  expect(await (await fetch(url)).text()).toContain('<title>Roomcast console</title>');
  const { services } = (await (await fetch(`${url}/settings.json`)).json()) as {
    services: Record<string, { url: string; metricsToken: string }>;
  };
  expect(Object.keys(services)).toEqual(['killmails', 'falcon', 'spywatcher', 'raffle', 'vmax']);
  for (const service of Object.values(services)) {
    const metrics = `${new URL(service.url).origin.replace('ws', 'http')}/metrics`;
    const sent = { Origin: url, Authorization: `Bearer ${service.metricsToken}` };
    const { status, headers } = await fetch(metrics, { headers: sent });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([200, url]);
  }
});

it('stops cleanly at Ctrl-C', async () => {
  demo.kill('SIGINT');
  expect(await once(demo, 'exit')).toEqual([0, null]);
});
