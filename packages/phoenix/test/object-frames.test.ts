import { openClient } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type ChannelDefinition, ok } from '../src/index.js';
import { startServer, type TestServer } from './support/server.js';

const room: ChannelDefinition = {
  join: () => ok({ welcome: true }),
  message(_event, payload, channel) {
    channel.push('pushed', { n: 1 });
    return ok(payload);
  },
};

let server: TestServer<unknown>;

async function connect(vsn: string) {
  server = await startServer({ channels: { 'room:*': room }, objectFramesOnV2: true });
  return openClient(server.url.replace('2.0.0', vsn));
}

afterEach(() => server.close());

const objectJoin = '{ "topic": "room:1", "event": "phx_join", "payload": {}, "ref": 1 }';
const objectReply =
  '{"event":"phx_reply","payload":{"response":{"welcome":true},"status":"ok"},"ref":1,"topic":"room:1"}';

describe('objectFramesOnV2', () => {
  it.each(['2.0.0', '1.0.0'])('answers in the form that came last (vsn=%s)', async (vsn) => {
    const client = await connect(vsn);
    client.send(objectJoin);
    expect(await client.next()).toBe(objectReply);
    client.send('[1,"2","room:1","event",{}]');
    // The join without join_ref is known by its ref, and other messages name none: this one is of another join.
    client.send('[null,"3","room:1","event",{"a":1}]');
    expect(await client.next()).toBe('[1,null,"room:1","pushed",{"n":1}]');
    expect(await client.next()).toBe('[1,"3","room:1","phx_reply",{"response":{"a":1},"status":"ok"}]');
    client.send('{"topic":"room:1","event":"event","payload":{},"ref":"4"}');
    expect(await client.next()).toBe('{"event":"pushed","payload":{"n":1},"ref":null,"topic":"room:1"}');
    expect(await client.next()).toContain('"ref":"4"');
  });

  it.each([
    ['2.0.0', '[null,null,"room:1","news",{}]'],
    ['1.0.0', '{"event":"news","payload":{},"ref":null,"topic":"room:1"}'],
  ])('sends events in the form of vsn=%s until the client has sent a frame', async (vsn, news) => {
    const client = await connect(vsn);
    server.phoenix.broadcast('room:1', 'news', {}, { sessions: server.phoenix.mount.sessions });
    expect(await client.next()).toBe(news);
  });

  it('sends events in the form that came last', async () => {
    const client = await connect('2.0.0');
    client.send(objectJoin);
    await client.next();
    server.phoenix.broadcast('room:1', 'news');
    expect(await client.next()).toBe('{"event":"news","payload":{},"ref":null,"topic":"room:1"}');
    client.send('[null,"2","phoenix","heartbeat",{}]');
    await client.next();
    server.phoenix.broadcast('room:1', 'news');
    expect(await client.next()).toBe('[null,null,"room:1","news",{}]');
  });

  it('takes both forms, and binary pushes, in binary frames', async () => {
    const client = await connect('1.0.0');
    client.send(Buffer.from('["1","1","room:1","phx_join",{}]'));
    expect(await client.next()).toContain('["1","1","room:1","phx_reply"');
    client.send(Buffer.from('\x00\x01\x01\x06\x0412room:1echo\x07', 'latin1'));
    expect(await client.next()).toContain('"pushed"');
    expect(await client.next()).toEqual(Buffer.from('\x01\x01\x01\x06\x0212room:1ok\x07', 'latin1'));
    client.send(Buffer.from('{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"3"}'));
    expect(await client.next()).toContain('{"event":"phx_reply"');
  });

  it.each([
    '',
    '5',
    'null',
    '{}',
    '[]',
    '["1","2","room:1","event"]',
    '{oops',
    Buffer.of(),
    Buffer.of(0, 1),
    Buffer.of(1),
  ])('closes with 1011 on %j all the same', async (frame) => {
    const client = await connect('2.0.0');
    client.send(frame);
    expect(await client.waitForClose()).toEqual({ code: 1011, reason: '' });
  });
});
