import { randomBytes } from 'node:crypto';
import type { Logger } from '@roomcast/engine';
import { readFalconEnvironment, startFalconServer } from '@roomcast/falcon-server';
import { readKillmailsEnvironment, startKillmailsServer } from '@roomcast/killmails-server';
import { readRaffleEnvironment, startRaffleServer } from '@roomcast/raffle-server';
import type { RunningServer } from '@roomcast/server';
import { readSpywatcherEnvironment, startSpywatcherServer } from '@roomcast/spywatcher-server';
import { readVmaxEnvironment, startVmaxServer } from '@roomcast/vmax-server';

/** A reference server that runs, and what to tell somebody who wants to try it. */
export interface Service {
  readonly name: string;
  readonly server: RunningServer;
  /** What it is at: shown on one line. */
  readonly url: string;
  /** Ready to paste, each with what it does. */
  readonly commands: readonly (readonly [what: string, command: string])[];
}

/** What the demo sets for every server. */
export interface DemoEnvironment {
  readonly [variable: string]: string | undefined;
  readonly DEMO: '1';
  readonly PUBLISH_TOKEN: string;
  readonly ADMIN_TOKEN: string;
}

/** Two of the documents say 8080: here that is VMAX's, whose complete programs have it in their text. */
const rafflePort = '8081';

/** Who sees one guild in SpyWatcher's demo, and that guild. */
const spywatcherIdentity = '100000000000000001';
const spywatcherGuild = '200000000000000001';

/** A commander of fleets in falcon's demo. */
const falconIdentity = '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001';

/**
 * The servers' environment: the caller's, with demo data, and publish and admin turned on under tokens that are made
 * anew each time. Every server has a port of its own, so that of `PORT` only 0 (any free port) has a meaning here.
 */
export function demoEnvironment(source: NodeJS.ProcessEnv): DemoEnvironment {
  return {
    PUBLISH_TOKEN: randomBytes(12).toString('hex'),
    ADMIN_TOKEN: randomBytes(12).toString('hex'),
    ...source,
    PORT: source.PORT === '0' ? '0' : undefined,
    DEMO: '1',
  };
}

/** Starts every reference server. Where one can't start, those that did are stopped again. */
export async function startServices(env: DemoEnvironment, logger: Logger): Promise<Service[]> {
  const services: Service[] = [];
  try {
    for (const start of [killmails, falcon, spywatcher, raffle, vmax]) services.push(await start(env, logger));
  } catch (error) {
    await stopServices(services);
    throw error;
  }
  return services;
}

export async function stopServices(services: readonly Service[]): Promise<void> {
  await Promise.all(services.map(({ server }) => server.close()));
}

async function killmails(env: DemoEnvironment, logger: Logger): Promise<Service> {
  const server = await startKillmailsServer(readKillmailsEnvironment(env), { logger });
  const url = socketUrl(server);
  const where = `KILLMAILS_URL=${url} KILLMAILS_TOKEN=test-token`;
  return {
    name: 'killmails',
    server,
    url: `${url}/socket?token=test-token`,
    commands: [
      ['watch two systems', `${where} node apps/examples/killmails/watch-official.mjs 30000142 30002187`],
      ['recent kills in Jita', `curl ${server.url}/api/v1/kills/system/30000142`],
      ['publish a kill', `${publishing(server, env)} -d '${sampleKill}'`],
      ['who is connected', `curl -H 'Authorization: Bearer ${env.ADMIN_TOKEN}' ${server.url}/admin/sessions`],
    ],
  };
}

async function falcon(env: DemoEnvironment, logger: Logger): Promise<Service> {
  const server = await startFalconServer(readFalconEnvironment(env), { logger });
  const sample = { type: 'system_notification', data: { message: 'Hello' } };
  return {
    name: 'falcon',
    server,
    url: `${socketUrl(server)}/websocket/connect`,
    commands: [
      ['a token of Ariel, for the header Authorization: Bearer', await demoToken(server, falconIdentity)],
      ['another, and the cookie for a page', demoSession(server, falconIdentity)],
      ['how it is', `curl ${server.url}/websocket/status`],
      ['who is connected', `curl -H 'Authorization: Bearer ${env.ADMIN_TOKEN}' ${server.url}/websocket/connections`],
      ['publish an announcement', `${publishing(server, env)} -d '${JSON.stringify(sample)}'`],
    ],
  };
}

async function spywatcher(env: DemoEnvironment, logger: Logger): Promise<Service> {
  const server = await startSpywatcherServer(readSpywatcherEnvironment(env), { logger });
  const sample = {
    guildId: spywatcherGuild,
    activity: { type: 'typing', userId: '7', username: 'You', timestamp: '2026-01-01T12:00:00Z' },
  };
  return {
    name: 'spywatcher',
    server,
    // Socket.IO's clients begin with HTTP.
    url: server.url,
    commands: [
      [`a token of Mia, who sees guild ${spywatcherGuild}`, await demoToken(server, spywatcherIdentity)],
      ['another', demoSession(server, spywatcherIdentity)],
      ['who is connected', `curl -H 'Authorization: Bearer ${env.ADMIN_TOKEN}' ${server.url}/admin/sessions`],
      ['publish activity', `${publishing(server, env)} -d '${JSON.stringify(sample)}'`],
    ],
  };
}

async function raffle(env: DemoEnvironment, logger: Logger): Promise<Service> {
  const server = await startRaffleServer(readRaffleEnvironment({ ...env, PORT: env.PORT ?? rafflePort }), { logger });
  const sample = {
    message_type: 'system_alert',
    data: { level: 'info', message: 'Hello', created_at: '2026-01-01T12:00:00Z' },
  };
  return {
    name: 'raffle',
    server,
    url: `${socketUrl(server)}/ws`,
    commands: [
      ['a token of Alice', await demoToken(server, 'alice')],
      ['another', demoSession(server, 'alice')],
      ['who is connected, and what was sent', `curl ${server.url}/ws/stats`],
      ['publish an alert', `${publishing(server, env)} -d '${JSON.stringify(sample)}'`],
    ],
  };
}

async function vmax(env: DemoEnvironment, logger: Logger): Promise<Service> {
  const server = await startVmaxServer(readVmaxEnvironment(env), { logger });
  const login = JSON.stringify({ email: 'manager@paintballparadise.com', password: 'Password123!' });
  return {
    name: 'vmax',
    server,
    url: `${socketUrl(server)}/ws?token=${await demoToken(server, 'user-manager')}`,
    commands: [
      ['another token of the fleet manager, when that one has expired', demoSession(server, 'user-manager')],
      [
        'the same by logging in',
        `curl -H 'Content-Type: application/json' ${server.url}/api/v1/auth/login -d '${login}'`,
      ],
      ['who is connected', `curl -H 'Authorization: Bearer ${env.ADMIN_TOKEN}' ${server.url}/admin/sessions`],
    ],
  };
}

function socketUrl({ url }: RunningServer): string {
  return url.replace('http', 'ws');
}

async function demoToken({ url }: RunningServer, identity: string): Promise<string> {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${url}/demo/session`, { method: 'POST', headers, body: JSON.stringify({ identity }) });
  const { token } = (await response.json()) as { token: string };
  return token;
}

function demoSession({ url }: RunningServer, identity: string): string {
  return `curl -H 'Content-Type: application/json' ${url}/demo/session -d '${JSON.stringify({ identity })}'`;
}

function publishing({ url }: RunningServer, { PUBLISH_TOKEN }: DemoEnvironment): string {
  return `curl -H 'Authorization: Bearer ${PUBLISH_TOKEN}' -H 'Content-Type: application/json' ${url}/api/publish`;
}

const sampleKill = JSON.stringify({
  killmail_id: 1,
  killmail_time: '2026-01-01T12:00:00Z',
  solar_system_id: 30000142,
  victim: { character_name: 'You', ship_type_name: 'Capsule' },
  attackers: [],
});
