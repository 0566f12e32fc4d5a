import { createServer } from 'node:http';
import { createEngine, type EngineOptions, silentLogger } from '@roomcast/engine';
import type { Killmail } from '@roomcast/killmails-protocol';
import { type Listening, listen, openClient, type TestClient } from '@roomcast/testing';
import { type Channel, Socket } from 'phoenix';
import { WebSocket } from 'ws';
import { type KillmailsGateway, type KillmailsGatewayOptions, killmailsGateway } from '../../src/index.js';

export const token = 'a-good-token';
export const topic = 'killmails:lobby';
export const jita = 30000142;
export const amarr = 30002187;

export interface TestServer extends Listening {
  gateway: KillmailsGateway;
  /** An official client, connected. */
  client(params?: Record<string, unknown>): Socket;
  /** A plain client that speaks V2 unless the query says otherwise. */
  raw(query?: string): Promise<TestClient>;
}

const running: (() => Promise<void>)[] = [];

/** For `afterEach`: ends every server and client of the test. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0).reverse()) await stop();
}

export async function startGateway(
  options: Partial<KillmailsGatewayOptions> = {},
  engineOptions: EngineOptions = {},
): Promise<TestServer> {
  const engine = createEngine({ logger: silentLogger, ...engineOptions });
  const gateway = killmailsGateway(engine, { tokens: [token], ...options });
  await gateway.ready();
  const http = createServer();
  engine.attach(http);
  const listening = await listen(http);
  running.push(async () => {
    await engine.close();
    await listening.close();
  });
  return {
    ...listening,
    gateway,
    client(params = { token }) {
      const socket = new Socket(`${listening.ws}/socket`, { params, transport: WebSocket });
      socket.connect();
      running.push(async () => {
        socket.disconnect();
      });
      return socket;
    },
    raw: (query = `token=${token}&vsn=2.0.0`) => openClient(`${listening.ws}/socket/websocket?${query}`),
  };
}

/** Joins, and resolves with the reply. */
export function join(channel: Channel): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    channel
      .join()
      .receive('ok', resolve)
      .receive('error', (response) => reject(new Error(response.reason)))
      .receive('timeout', () => reject(new Error('timeout')));
  });
}

/** Pushes, and resolves with the reply. */
export function push(channel: Channel, event: string, payload: object = {}): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    channel
      .push(event, payload)
      .receive('ok', resolve)
      .receive('error', (response) => reject(new Error(response.reason)))
      .receive('timeout', () => reject(new Error('timeout')));
  });
}

/** Collects a channel's events of one name. */
export function collect<Payload>(channel: Channel, event: string): Payload[] {
  const received: Payload[] = [];
  channel.on(event, (payload: Payload) => {
    received.push(payload);
  });
  return received;
}

let nextId = 1;

/** A killmail as an application would publish it. */
export function kill(
  fields: { id?: number; system?: number; victim?: number; attackers?: number[]; time?: string } = {},
): object {
  const { id = nextId++, system = jita, victim = 1001, attackers = [2001], time = new Date().toISOString() } = fields;
  return {
    killmail_id: id,
    killmail_time: time,
    solar_system_id: system,
    victim: { character_id: victim, ship_type_id: 587, damage_taken: 10 },
    attackers: attackers.map((character_id) => ({
      character_id,
      damage_done: 10,
      final_blow: true,
      security_status: 0,
    })),
  };
}

/** Publishes what `parse` accepts. */
export function publish(gateway: KillmailsGateway, input: unknown): Killmail {
  const parsed = gateway.parse(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  gateway.publish(parsed.event);
  return parsed.event;
}
