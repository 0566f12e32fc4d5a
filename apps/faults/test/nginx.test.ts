import { once } from 'node:events';
import { eventually, freePort, hasTool, type RunningBroker, startRedis } from '@roomcast/testing';
import { createVmaxClient, type VmaxClient } from '@roomcast/vmax-client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Instance } from './support/instance.js';
import { type Nginx, startNginx } from './support/nginx.js';
import { jwtSecret, token } from './support/wire.js';
import { listenToGuild, spywatcher } from './support/wires/spywatcher.js';

const fleetId = 'fleet-1';

/** nginx ends a connection on which nothing comes for this long. */
const readTimeoutSeconds = 5;
const pingIntervalMs = 1000;
const maxPerAddress = 3;

describe.skipIf(!hasTool('nginx') || !hasTool('redis-server'))(
  'two instances behind nginx',
  { timeout: 120_000 },
  () => {
    let broker: RunningBroker;
    let ports: [number, number];
    const instances: Instance[] = [];
    let nginx: Nginx;
    let manager: string;

    const start = (port: number) =>
      Instance.start(`port ${port}`, 'vmax', {
        PORT: String(port),
        JWT_SECRET: jwtSecret,
        REDIS_URL: broker.url,
        TRUST_PROXY: '1',
        PING_INTERVAL_MS: String(pingIntervalMs),
        MAX_CONNECTIONS_PER_IP: String(maxPerAddress),
        DRAIN_MS: '5000',
      });

    beforeAll(async () => {
      broker = await startRedis();
      ports = [await freePort(), await freePort()];
      instances.push(...(await Promise.all(ports.map(start))));
      nginx = await startNginx(ports, { readTimeoutSeconds });
      manager = await token({ userId: 'user-1', email: 'manager@example.com', role: 'FLEET_MGR', fleetId });
    }, 120_000);

    afterAll(async () => {
      await nginx?.close();
      await Promise.all(instances.map((instance) => instance.kill()));
      await broker?.close();
    });

    /** A WebSocket through nginx, from an address of the loopback network. */
    function connect(address: string, headers: Record<string, string> = {}): WebSocket {
      const url = `ws://127.0.0.1:${nginx.port}/ws?token=${manager}`;
      const socket = new WebSocket(url, { localAddress: address, headers });
      onTestFinished(() => socket.terminate());
      return socket;
    }

    async function statusOf(socket: WebSocket): Promise<number> {
      return new Promise((resolve) => {
        socket.once('open', () => resolve(101));
        socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        socket.once('error', () => {});
      });
    }

    function client(): { vmax: VmaxClient; heard: string[]; closes: number[] } {
      const vmax = createVmaxClient({ url: `ws://127.0.0.1:${nginx.port}/ws`, token: manager, baseMs: 20, capMs: 500 });
      onTestFinished(() => vmax.disconnect());
      const heard: string[] = [];
      const closes: number[] = [];
      vmax.on('TELEMETRY_RECEIVED', ({ regulatorId }) => void heard.push(regulatorId));
      vmax.on('connection', ({ error }) => {
        if (error !== undefined && 'code' in error) closes.push(Number(error.code));
      });
      return { vmax, heard, closes };
    }

    const telemetry = (regulatorId: string) => ({
      fleetId,
      type: 'TELEMETRY_RECEIVED',
      payload: { regulatorId, timestamp: '2026-01-16T12:10:00Z', soc: 85, soh: 95 },
    });

    it('sees each client by its own address', async () => {
      const some = Array.from({ length: maxPerAddress }, () => connect('127.0.0.2'));
      expect(await Promise.all(some.map(statusOf))).toEqual([101, 101, 101]);
      expect(await statusOf(connect('127.0.0.2'))).toBe(429);
      expect(await statusOf(connect('127.0.0.3'))).toBe(101);
    });

    it('does not believe what a client says about its address', async () => {
      const some = Array.from({ length: maxPerAddress }, (_, n) =>
        connect('127.0.0.4', { 'X-Forwarded-For': `192.0.2.${n}` }),
      );
      expect(await Promise.all(some.map(statusOf))).toEqual([101, 101, 101]);
      expect(await statusOf(connect('127.0.0.4', { 'X-Forwarded-For': '192.0.2.9' }))).toBe(429);
    });

    it('keeps a connection on which nothing but pings comes', async () => {
      const socket = connect('127.0.0.5');
      let pings = 0;
      socket.on('ping', () => pings++);
      await once(socket, 'open');
      await eventually(() => pings * pingIntervalMs > 2 * readTimeoutSeconds * 1000, 'pings past the time-out');
      expect(socket.readyState).toBe(WebSocket.OPEN);
    });

    it('shows the operations endpoints to nobody', async () => {
      for (const path of ['/healthz', '/readyz', '/metrics', '/admin/sessions']) {
        const answer = await fetch(`http://127.0.0.1:${nginx.port}${path}`);
        expect([path, answer.status]).toEqual([path, 404]);
      }
    });

    it('is restarted one instance after the other, and clients only change places', async () => {
      const clients = [client(), client(), client()];
      await Promise.all(clients.map(({ vmax }) => vmax.ready));
      for (const [index, port] of ports.entries()) {
        const old = instances[index] as Instance;
        const exited = once(old.process, 'exit');
        old.process.kill('SIGTERM');
        expect(await exited).toEqual([0, null]);
        const all = () => clients.every(({ vmax }) => vmax.status === 'connected');
        await eventually(all, 'every client to be with the other instance');
        const other = instances[1 - index] as Instance;
        const name = `restart-${index}`;
        await other.publish(telemetry(name));
        await eventually(() => clients.every(({ heard }) => heard.includes(name)), 'everybody to hear');
        instances[index] = await start(port);
        await eventually(() => (instances[index] as Instance).isReady(), 'the instance to be ready again');
      }
      for (const { heard, closes } of clients) {
        expect(heard).toEqual(['restart-0', 'restart-1']);
        // Told to come back, never cut off.
        for (const code of closes) expect(code).toBe(1012);
      }
    });
  },
);

describe.skipIf(!hasTool('nginx') || !hasTool('redis-server'))(
  'long polling behind nginx',
  { timeout: 120_000 },
  () => {
    let broker: RunningBroker;
    let ports: [number, number];
    let instances: Instance[] = [];

    beforeAll(async () => {
      broker = await startRedis();
      ports = [await freePort(), await freePort()];
      instances = await Promise.all(
        ports.map((port) =>
          Instance.start(`port ${port}`, spywatcher.name, {
            ...spywatcher.env,
            PORT: String(port),
            REDIS_URL: broker.url,
            TRUST_PROXY: '1',
          }),
        ),
      );
      for (const instance of instances) await eventually(() => instance.isReady(), 'the instance to be ready', 60_000);
    }, 120_000);

    afterAll(async () => {
      await Promise.all(instances.map((instance) => instance.kill()));
      await broker?.close();
    });

    it('reaches one instance with all its requests, and hears what is published on the other', async () => {
      const nginx = await startNginx(ports);
      onTestFinished(() => nginx.close());
      const heard = new Set<string>();
      const [one, other] = instances as [Instance, Instance];
      const listener = await listenToGuild({
        url: `http://127.0.0.1:${nginx.port}`,
        publish: (event) => one.publish(event),
        transports: ['polling'],
        heard: ({ publisher, n }) => heard.add(`${publisher} ${n}`),
      });
      onTestFinished(() => listener.close());
      for (const [n, instance] of [one, other].entries())
        await instance.publish(spywatcher.event({ publisher: 'P', n }));
      await eventually(() => heard.size === 2, 'events of both instances');
    });

    it('is told what is wrong where its requests go to one instance and the other in turn', async () => {
      const nginx = await startNginx(ports, { isSticky: false });
      onTestFinished(() => nginx.close());
      const polling = `http://127.0.0.1:${nginx.port}/socket.io/?EIO=4&transport=polling`;
      const opened = await (await fetch(polling)).text();
      const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
      const answer = await fetch(`${polling}&sid=${sid}`, { method: 'POST', body: '40' });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ message: expect.stringContaining('sticky sessions') });
    });
  },
);
