import type { TestClient } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { eventOf } from './support/events.js';
import {
  ask,
  fleetChannel,
  publish,
  regulatorChannel,
  startGateway,
  stopAll,
  subscribe,
  told,
  toldSoFar,
} from './support/server.js';

afterEach(stopAll);

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

async function admin(options: Parameters<typeof startGateway>[0] = {}) {
  const server = await startGateway({ maxMessages: 0, ...options });
  return { server, client: await server.member({ role: 'ADMIN' }) };
}

async function errorTo(client: TestClient, message: string | Buffer): Promise<unknown> {
  client.send(message);
  const { type, payload, timestamp } = await told(client);
  expect({ type, timestamp }).toEqual({ type: 'ERROR', timestamp: expect.stringMatching(iso) });
  return payload?.message;
}

describe('PING', () => {
  it('is answered with PONG, which has no payload', async () => {
    const { client } = await admin();
    client.send('{"type":"PING"}');
    expect(String(await client.next())).toMatch(/^\{"type":"PONG","timestamp":"[^"]+"\}$/);
  });

  it('may come as a binary message', async () => {
    const { client } = await admin();
    client.send(Buffer.from('{"type":"PING"}'));
    expect(await told(client)).toMatchObject({ type: 'PONG' });
  });
});

describe('SUBSCRIBE and UNSUBSCRIBE', () => {
  it.each([fleetChannel('fleet-1'), regulatorChannel('fleet-1/reg-1')])(
    'are answered with the channel %j, as often as they come',
    async (channel) => {
      const { client } = await admin();
      for (const [type, answer] of [
        ['UNSUBSCRIBE', 'UNSUBSCRIBED'],
        ['SUBSCRIBE', 'SUBSCRIBED'],
        ['SUBSCRIBE', 'SUBSCRIBED'],
        ['UNSUBSCRIBE', 'UNSUBSCRIBED'],
        ['UNSUBSCRIBE', 'UNSUBSCRIBED'],
      ] as const) {
        expect(await ask(client, type, channel)).toEqual({
          type: answer,
          payload: channel,
          timestamp: expect.stringMatching(iso),
        });
      }
    },
  );

  it('begin and end the events of a channel', async () => {
    const { server, client } = await admin();
    const channel = fleetChannel('fleet-1');
    publish(server.gateway, eventOf.fleetUpdated('fleet-1', { step: 0 }));
    await subscribe(client, channel);
    publish(server.gateway, eventOf.fleetUpdated('fleet-1', { step: 1 }));
    await ask(client, 'PING').then(({ payload }) => expect(payload).toMatchObject({ changes: { step: 1 } }));
    expect((await told(client)).type).toBe('PONG');
    expect((await ask(client, 'UNSUBSCRIBE', channel)).type).toBe('UNSUBSCRIBED');
    publish(server.gateway, eventOf.fleetUpdated('fleet-1', { step: 2 }));
    expect(await toldSoFar(client)).toEqual([]);
  });

  it('of the own fleet work for who was subscribed to it on connecting', async () => {
    const server = await startGateway();
    const client = await server.member({ role: 'FLEET_USER', fleetId: 'fleet-1' });
    await subscribe(client, fleetChannel('fleet-1'));
    expect((await ask(client, 'UNSUBSCRIBE', fleetChannel('fleet-1'))).type).toBe('UNSUBSCRIBED');
    publish(server.gateway, eventOf.fleetUpdated('fleet-1'));
    expect(await toldSoFar(client)).toEqual([]);
    await subscribe(client, fleetChannel('fleet-1'));
    publish(server.gateway, eventOf.fleetUpdated('fleet-1'));
    expect(await toldSoFar(client)).toHaveLength(1);
  });

  it('are answered in their order, however long the directory takes for each', async () => {
    const waits = [30, 0, 15];
    const { client } = await admin({
      fleetOf: (id) => new Promise((resolve) => setTimeout(() => resolve('fleet-1'), waits[Number(id)])),
    });
    for (const id of ['0', '1', '2']) client.send({ type: 'SUBSCRIBE', payload: regulatorChannel(id) });
    client.send({ type: 'UNSUBSCRIBE', payload: regulatorChannel('0') });
    const answers = await toldSoFar(client);
    expect(answers.map(({ type, payload }) => [type, payload?.regulatorId])).toEqual([
      ['SUBSCRIBED', '0'],
      ['SUBSCRIBED', '1'],
      ['SUBSCRIBED', '2'],
      ['UNSUBSCRIBED', '0'],
    ]);
  });

  it('are refused over the limit, without those of the own fleet', async () => {
    const server = await startGateway({ maxRooms: 2 });
    const client = await server.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    await subscribe(client, regulatorChannel('fleet-1/a'));
    await subscribe(client, regulatorChannel('fleet-1/b'));
    await subscribe(client, regulatorChannel('fleet-1/b'));
    expect((await ask(client, 'SUBSCRIBE', regulatorChannel('fleet-1/c'))).payload).toEqual({
      message: 'Too many subscriptions (max: 2)',
    });
    await ask(client, 'UNSUBSCRIBE', regulatorChannel('fleet-1/a'));
    await subscribe(client, regulatorChannel('fleet-1/c'));
  });

  it('for a client that goes away meanwhile leave nothing behind', async () => {
    let answer = (_fleetId: string) => {};
    const { server, client } = await admin({
      fleetOf: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    client.send({ type: 'SUBSCRIBE', payload: regulatorChannel('r') });
    await client.close();
    answer('fleet-1');
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.gateway.mount.stats()).toMatchObject({ sessions: 0, rooms: 0, failures: 0 });
  });
});

describe('a bad message', () => {
  it.each([
    ['ping', 'Invalid message format'],
    ['', 'Invalid message format'],
    ['{"type":"PING"', 'Invalid message format'],
    ['null', 'Invalid message format'],
    ['42', 'Invalid message format'],
    ['"PING"', 'Invalid message format'],
    ['[]', 'Invalid message format'],
    ['{}', 'Invalid message format'],
    ['{"type":null}', 'Invalid message format'],
    ['{"payload":{"channel":"fleet","fleetId":"fleet-1"}}', 'Invalid message format'],
    ['{"type":"HELLO"}', 'Unknown message type: HELLO'],
    ['{"type":"subscribe"}', 'Unknown message type: subscribe'],
    ['{"type":"PONG"}', 'Unknown message type: PONG'],
    ['{"type":"__proto__"}', 'Unknown message type: __proto__'],
    ['{"type":7}', 'Unknown message type: 7'],
    ['{"type":"SUBSCRIBE"}', expect.stringContaining('payload.channel')],
    ['{"type":"SUBSCRIBE","payload":null}', expect.stringContaining('payload.channel')],
    ['{"type":"SUBSCRIBE","payload":{}}', expect.stringContaining('payload.channel')],
    ['{"type":"SUBSCRIBE","payload":{"channel":"team","fleetId":"x"}}', expect.stringContaining('payload.channel')],
    ['{"type":"SUBSCRIBE","payload":{"channel":"fleet"}}', expect.stringContaining('payload.fleetId')],
    ['{"type":"SUBSCRIBE","payload":{"channel":"fleet","fleetId":7}}', expect.stringContaining('payload.fleetId')],
    ['{"type":"SUBSCRIBE","payload":{"channel":"fleet","fleetId":""}}', expect.stringContaining('payload.fleetId')],
    ['{"type":"SUBSCRIBE","payload":{"channel":"regulator"}}', expect.stringContaining('payload.regulatorId')],
    ['{"type":"UNSUBSCRIBE","payload":{"channel":"regulator"}}', expect.stringContaining('payload.regulatorId')],
    ['{"type":"UNSUBSCRIBE"}', expect.stringContaining('payload.channel')],
    [Buffer.from([0xff, 0xfe, 0x7b]), 'Invalid message format'],
    [`{"type":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, 'Unknown message type: a list'],
  ])('%s is answered with an error, and the connection stays', async (message, error) => {
    const { server, client } = await admin();
    expect(await errorTo(client, message)).toEqual(error);
    expect(server.gateway.mount.stats()).toMatchObject({ rooms: 0, failures: 0 });
    expect((await ask(client, 'PING')).type).toBe('PONG');
  });

  it.each([-1, 0, 1])('of 64 KiB and %i bytes is answered, or closes the connection', async (beyond) => {
    const { client } = await admin();
    client.send('x'.repeat(64 * 1024 + beyond));
    if (beyond > 0) expect((await client.waitForClose()).code).toBe(1009);
    else expect((await told(client)).type).toBe('ERROR');
  });

  it.each([49, 50, 51])('more than 50 in a second close the connection: %i', async (count) => {
    const server = await startGateway();
    const client = await server.member({});
    for (let sent = 0; sent < count; sent++) client.send('{"type":"PING"}');
    if (count > 50) expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'too many messages' });
    for (let answered = 0; answered < Math.min(count, 50); answered++) expect((await told(client)).type).toBe('PONG');
  });
});
