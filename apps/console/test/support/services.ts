import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@roomcast/engine';
import { readFalconEnvironment, startFalconServer } from '@roomcast/falcon-server';
import { readKillmailsEnvironment, startKillmailsServer } from '@roomcast/killmails-server';
import { readRaffleEnvironment, startRaffleServer } from '@roomcast/raffle-server';
import type { RunningServer } from '@roomcast/server';
import { readSpywatcherEnvironment, startSpywatcherServer } from '@roomcast/spywatcher-server';
import { readVmaxEnvironment, startVmaxServer } from '@roomcast/vmax-server';

type Variables = Record<string, string>;

/** How each service is started, where clients connect, and whom the page begins as. */
const services = {
  killmails: {
    start: (env: Variables) => startKillmailsServer(readKillmailsEnvironment(env), { logger: silentLogger }),
    entrance: (port: number) => `ws://127.0.0.1:${port}`,
    identity: 'token-1',
  },
  falcon: {
    start: (env: Variables) => startFalconServer(readFalconEnvironment(env), { logger: silentLogger }),
    entrance: (port: number) => `ws://127.0.0.1:${port}/websocket/connect`,
    identity: '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001',
  },
  spywatcher: {
    start: (env: Variables) => startSpywatcherServer(readSpywatcherEnvironment(env), { logger: silentLogger }),
    entrance: (port: number) => `http://127.0.0.1:${port}`,
    identity: '100000000000000002',
  },
  raffle: {
    start: (env: Variables) => startRaffleServer(readRaffleEnvironment(env), { logger: silentLogger }),
    entrance: (port: number) => `ws://127.0.0.1:${port}/ws`,
    identity: 'alice',
  },
  vmax: {
    start: (env: Variables) => startVmaxServer(readVmaxEnvironment(env), { logger: silentLogger }),
    entrance: (port: number) => `ws://127.0.0.1:${port}/ws`,
    identity: 'user-manager',
  },
} as const;

export type ServiceName = keyof typeof services;
const serviceNames = Object.keys(services) as ServiceName[];

const tokens = { PUBLISH_TOKEN: 'publish-token-0123', ADMIN_TOKEN: 'admin-token-0123' };

/** The demo servers on free ports; each can go away and come back on the same port. */
export class DemoServices {
  readonly #running = new Map<ServiceName, RunningServer>();
  /** Another one for each start, as in the demo: tokens of before are good for nothing. */
  readonly #secrets = new Map<ServiceName, string>();
  readonly #stateDir = mkdtempSync(join(tmpdir(), 'roomcast-console-'));

  /** @param origins whose pages may connect */
  constructor(private readonly origins: string) {}

  async start(names: readonly ServiceName[] = serviceNames): Promise<void> {
    for (const name of names) await this.#start(name, 0);
  }

  async stop(name: ServiceName): Promise<void> {
    await this.#running.get(name)?.close(500);
  }

  async startAgain(name: ServiceName): Promise<void> {
    await this.#start(name, this.port(name));
  }

  port(name: ServiceName): number {
    return this.#running.get(name)?.port ?? 0;
  }

  /** The key of the service's tokens. */
  secret(name: ServiceName): Uint8Array {
    return new TextEncoder().encode(this.#secrets.get(name));
  }

  entrance(name: ServiceName): string {
    return services[name].entrance(this.port(name));
  }

  /** Publishes through the publish API, as a backend does. */
  async publish(name: ServiceName, ...events: readonly object[]): Promise<void> {
    const response = await fetch(`http://127.0.0.1:${this.port(name)}/api/publish`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokens.PUBLISH_TOKEN}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
    });
    if (response.status !== 202) throw new Error(`HTTP ${response.status}: ${await response.text()}`);
  }

  settings() {
    const { PUBLISH_TOKEN: publishToken, ADMIN_TOKEN: adminToken } = tokens;
    const told = [...this.#running.keys()].map((name) => {
      const { identity } = services[name];
      return [name, { url: this.entrance(name), identity, publishToken, adminToken }] as const;
    });
    return { services: Object.fromEntries(told) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((server) => server.close(500)));
    rmSync(this.#stateDir, { recursive: true, force: true });
  }

  async #start(name: ServiceName, port: number): Promise<void> {
    const secret = randomBytes(32).toString('hex');
    this.#secrets.set(name, secret);
    const server = await services[name].start({
      ...tokens,
      DEMO: '1',
      PORT: String(port),
      STATE_DIR: join(this.#stateDir, name),
      ALLOWED_ORIGINS: this.origins,
      ANALYTICS_THROTTLE_MS: '200',
      ...(name === 'killmails' ? {} : { JWT_SECRET: secret }),
    });
    this.#running.set(name, server);
  }
}
