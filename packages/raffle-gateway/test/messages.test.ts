import { afterEach, describe, expect, it } from 'vitest';
import { event, events, settle, startGateway, stopAll, subscribe } from './support/server.js';

afterEach(stopAll);

const ignoredMessages: [string, string | Buffer][] = [
  ['a text that is not JSON', 'hello'],
  ['an empty text', ''],
  ['a binary frame, even of a good message', Buffer.from('{"message_type":"ping","data":{}}')],
  ['an unknown message_type', '{"message_type":"unsubscribe","data":{}}'],
  ['a message_type that every object has', '{"message_type":"toString"}'],
  ['a server’s message', '{"message_type":"pong","data":{"timestamp":1}}'],
  ['an event from a client', '{"message_type":"system_alert","data":{"level":"info","message":"x","created_at":"y"}}'],
  ['a message_type that is no text', '{"message_type":5}'],
  ['an object without message_type', '{"type":"ping"}'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a number', '5'],
  ['subscribe without a list', '{"message_type":"subscribe","data":{}}'],
  ['subscribe without data', '{"message_type":"subscribe"}'],
  ['subscribe with an object for a list', '{"message_type":"subscribe","data":{"subscriptions":{"0":{}}}}'],
];

describe('what is no message', () => {
  it.each(ignoredMessages)('is ignored: %s', async (_, message) => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'all' }]);
    client.send(message);
    expect(await settle(client)).toEqual([]);
    server.publish(event('system_alert'));
    expect(await events(client)).toEqual(['system_alert']);
    const warnings = server.logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings.map(({ message: text }) => text)).toEqual([expect.stringMatching(/^a message was ignored: /)]);
  });

  it('is one line in the log in ten seconds, and the next one tells how many there were', async () => {
    const server = await startGateway();
    const client = await server.client();
    const warnings = () => server.logger.lines.filter(({ level }) => level === 'warn');
    for (let sent = 0; sent < 25; sent++) client.send('not JSON');
    await settle(client);
    expect(warnings()).toHaveLength(1);
    await server.clock.advance(20_000);
    client.send('not JSON');
    await settle(client);
    expect(warnings()).toHaveLength(2);
    expect(warnings()[1]?.fields).toMatchObject({ unlogged: 24 });
  });

  it('is not copied into the log but for the start of an unknown message_type', async () => {
    const server = await startGateway();
    const client = await server.client();
    client.send('a-secret-that-is-not-json');
    client.send({ message_type: 'x'.repeat(5000), data: { token: 'a-secret-in-data' } });
    await settle(client);
    expect(server.logger.text).not.toContain('a-secret');
    expect(server.logger.text.length).toBeLessThan(1000);
  });
});

describe('ping', () => {
  it.each([{ message_type: 'ping', data: {} }, { message_type: 'ping' }, { message_type: 'ping', data: null }])(
    'is answered with the time: %j',
    async (ping) => {
      const server = await startGateway();
      const client = await server.client();
      client.send(ping);
      expect(await client.nextJson()).toEqual({
        message_type: 'pong',
        data: { timestamp: server.clock.now() / 1000 },
        timestamp: new Date(server.clock.now()).toISOString(),
      });
    },
  );

  it('is answered with the time of each: seconds in data, ISO 8601 outside', async () => {
    const server = await startGateway();
    const [one, other] = [await server.client(), await server.client()];
    const start = server.clock.now();
    for (const [client, at] of [
      [one, start],
      [other, start],
      [one, start + 999],
      [other, start + 1000],
    ] as const) {
      await server.clock.advance(at - server.clock.now());
      client.send({ message_type: 'ping', data: {} });
      expect(await client.nextJson()).toEqual({
        message_type: 'pong',
        data: { timestamp: Math.floor(at / 1000) },
        timestamp: new Date(at).toISOString(),
      });
    }
  });
});

describe('subscribe', () => {
  it('is not answered', async () => {
    const server = await startGateway();
    const client = await server.client();
    await subscribe(client, [{ event_type: 'all' }]);
    expect(client.received).toEqual([]);
  });
});
