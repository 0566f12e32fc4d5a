import { createServer } from 'node:http';
import { createEngine, type Engine, type EngineOptions, silentLogger } from '@roomcast/engine';
import { jwtVerifier } from '@roomcast/engine/identity';
import { type Listening, listen, openClient, type TestClient } from '@roomcast/testing';
import { SignJWT } from 'jose';
import type { ClientOptions } from 'ws';
import { type VmaxEvent, type VmaxGateway, type VmaxGatewayOptions, vmaxGateway } from '../../src/index.js';

export const secret = 'a secret of at least thirty-two bytes';

/** What a test is told by the server, envelope and all. */
export interface Told {
  type: string;
  payload?: Record<string, unknown>;
  timestamp: string;
}

export interface TestServer extends Listening {
  engine: Engine;
  gateway: VmaxGateway;
  /** Connects with a token in the query, or with another query, and reads nothing. */
  open(query: string, options?: ClientOptions): Promise<TestClient>;
  /** Connects as the holder of these claims, and reads `CONNECTED`. @param query beside the token */
  member(claims: MemberClaims, query?: string): Promise<TestClient>;
}

export interface MemberClaims {
  role?: string;
  fleetId?: string | null;
  ownedRegulatorIds?: string[];
  userId?: string;
}

const running: (() => Promise<void>)[] = [];

/** For `afterEach`: ends every server of the test. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0).reverse()) await stop();
}

/** The tests' directory: a regulator's id begins with its fleet's (`fleet-1/reg-1`). */
export function fleetOf(regulatorId: string): string | undefined {
  const slash = regulatorId.indexOf('/');
  return slash === -1 ? undefined : regulatorId.slice(0, slash);
}

export async function startGateway(
  options: Partial<VmaxGatewayOptions> = {},
  engineOptions: EngineOptions = {},
): Promise<TestServer> {
  const verifier = await jwtVerifier({ secret });
  const engine = createEngine({ logger: silentLogger, ...engineOptions });
  const gateway = vmaxGateway(engine, { verify: verifier.verify, fleetOf, ...options });
  const http = createServer();
  engine.attach(http);
  const listening = await listen(http);
  running.push(async () => {
    await engine.close();
    await listening.close();
  });
  const open = (query: string, clientOptions?: ClientOptions) =>
    openClient(`${listening.ws}/ws${query}`, clientOptions);
  return {
    ...listening,
    engine,
    gateway,
    open,
    async member(claims, query = '') {
      const client = await open(`?token=${await tokenOf(claims)}&${query}`);
      const { type } = await told(client);
      if (type !== 'CONNECTED') throw new Error(`expected CONNECTED, got ${type}`);
      return client;
    },
  };
}

export interface TokenOptions {
  signedWith?: string;
  /** From now on. */
  expiresInSeconds?: number;
}

/** An access token with these claims beside those that every token has; undefined takes one away. */
export function tokenOf(
  claims: object,
  { signedWith = secret, expiresInSeconds = 900 }: TokenOptions = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  const usual = { sub: 'somebody@example.com', userId: 'user-1', role: 'ADMIN', fleetId: null, ownedRegulatorIds: [] };
  return new SignJWT({ ...usual, token_type: 'access', jti: 'x', iat: now, exp: now + expiresInSeconds, ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(signedWith));
}

export function told(client: TestClient): Promise<Told> {
  return client.nextJson<Told>();
}

/** Everything that came before the answer to a `PING` sent now. */
export async function toldSoFar(client: TestClient): Promise<Told[]> {
  client.send({ type: 'PING' });
  const all: Told[] = [];
  for (;;) {
    const next = await told(client);
    if (next.type === 'PONG') return all;
    all.push(next);
  }
}

/** Sends a message and resolves to its answer. */
export async function ask(client: TestClient, type: string, payload?: object): Promise<Told> {
  client.send({ type, payload });
  return told(client);
}

export const fleetChannel = (fleetId: string) => ({ channel: 'fleet', fleetId });
export const regulatorChannel = (regulatorId: string) => ({ channel: 'regulator', regulatorId });

/** Subscribes, and fails where that is refused. */
export async function subscribe(client: TestClient, channel: object): Promise<void> {
  const answer = await ask(client, 'SUBSCRIBE', channel);
  if (answer.type !== 'SUBSCRIBED') throw new Error(`expected SUBSCRIBED, got ${JSON.stringify(answer)}`);
}

/** Publishes what `parse` accepts, as one request. */
export function publish(gateway: VmaxGateway, ...inputs: object[]): void {
  const events: VmaxEvent[] = inputs.map((input) => {
    const parsed = gateway.parse(input);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
    return parsed.event;
  });
  for (const event of gateway.prepare(events)) gateway.publish(event);
}
