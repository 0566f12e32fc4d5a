import { createServer } from 'node:http';
import { createEngine, type Mount, silentLogger } from '@roomcast/engine';
import { listen, openClient } from '@roomcast/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Audience } from '../src/audience.js';
import type { Client, RaffleSession } from '../src/client.js';
import { resolveOptions } from '../src/options.js';
import { SubscriptionIndex } from '../src/subscription-index.js';
import { Users } from '../src/users.js';
import { RaffleWire } from '../src/wire.js';
import { settle, until } from './support/server.js';

/** The wire alone, so that what it keeps can be looked at. */
async function serve(verify: (token: string) => Promise<object>) {
  const engine = createEngine({ logger: silentLogger });
  const audience = new Audience<RaffleSession>(new SubscriptionIndex(), (id) => mount.sessionsOf(id));
  const wire = new RaffleWire({
    options: resolveOptions({ verifier: { verify } }),
    audience,
    users: new Users(engine, 'raffle', { joined() {}, left() {} }),
    logger: silentLogger,
    now: Date.now,
    identify: (session, identity) => mount.identify(session, identity),
    changed() {},
  });
  const mount: Mount<Client> = engine.mount<Client>({ name: 'raffle', paths: '/ws', wire });
  const http = createServer();
  engine.attach(http);
  const { ws, close } = await listen(http);
  onTestFinished(async () => {
    await engine.close();
    await close();
  });
  return { audience, wire, mount, client: () => openClient(`${ws}/ws`) };
}

const claims = { sub: 'boss', username: 'boss', role: 'Admin', token_type: 'access', exp: 4e9 };
const auth = { message_type: 'auth', data: { token: 'any' } };

it('a connection that has gone is kept nowhere', async () => {
  const { audience, wire, mount, client } = await serve(async () => claims);
  const connected = await client();
  connected.send(auth);
  connected.send({ message_type: 'subscribe', data: { subscriptions: [{ event_type: 'all', room: 'a-room' }] } });
  await settle(connected);
  expect([audience.index.size, audience.staff.size, wire.authenticated]).toEqual([1, 1, 1]);
  await connected.close();
  await until(() => expect(mount.sessions.size).toBe(0));
  expect([audience.index.size, audience.staff.size, wire.authenticated]).toEqual([0, 0, 0]);
});

it('nor is one that goes while its renewal is checked', async () => {
  const answers: ((claims: object) => void)[] = [];
  const verify = vi.fn(() => new Promise<object>((resolve) => answers.push(resolve)));
  const { audience, wire, mount, client } = await serve(verify);
  const connected = await client();
  connected.send(auth);
  connected.send(auth);
  await until(() => expect(verify).toHaveBeenCalledTimes(1));
  answers[0]?.(claims);
  await until(() => expect(verify).toHaveBeenCalledTimes(2));
  await connected.close();
  await until(() => expect(mount.sessions.size).toBe(0));
  answers[1]?.(claims);
  await new Promise((resolve) => setImmediate(resolve));
  expect([audience.staff.size, wire.authenticated]).toEqual([0, 0]);
});
