import { eventually, ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../src/outbox.js';
import { connect, say, startServer } from './support/client.js';

describe('sendMessage', () => {
  it('resolves with the copy that the sender gets, which listeners hear too', async () => {
    const server = await startServer();
    const { client, messages } = connect(server.url);
    await client.join('general').joined;
    const heard: unknown[] = [];
    client.onRoom('general', (message) => heard.push(message.data));
    client.on('message', (message) => heard.push(message.type));
    const answer = await client.sendMessage(say('general', 'Hello!'));
    expect(answer).toMatchObject({
      type: 'message',
      room: 'general',
      from: client.connectionId,
      data: { text: 'Hello!' },
    });
    expect(heard).toEqual(['message', { text: 'Hello!' }]);
    expect(messages.filter(({ type }) => type === 'message')).toEqual([answer]);
  });

  it('comes after the room that was wished for before it', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.ready;
    const { leave } = client.join('general');
    await client.sendMessage(say('general', 'a'));
    leave();
    await expect(client.sendMessage(say('general', 'b'))).rejects.toMatchObject({ code: 'not_in_room' });
    expect(server.session.told).toEqual(['join general', 'message general', 'leave general', 'message general']);
  });

  it('gives every message an id of its own, or takes that of the application', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.join('general').joined;
    const answers = await Promise.all([
      client.sendMessage(say('general', 'a')),
      client.sendMessage(say('general', 'b')),
      client.sendMessage({ ...say('general', 'c'), id: 'mine' }),
    ]);
    expect(new Set(answers.map(({ id }) => id)).size).toBe(3);
    expect(answers[2]?.id).toBe('mine');
  });

  it('rejects with what the server says, and its code', async () => {
    const server = await startServer();
    const { client, errors } = connect(server.url);
    await expect(client.sendMessage(say('elsewhere', 'a'))).rejects.toMatchObject({
      name: 'MessageRejectedError',
      code: 'not_in_room',
      operation: 'message elsewhere',
      reason: 'you are not in this room',
      message: 'the server rejected message elsewhere: you are not in this room',
    });
    expect(errors).toEqual([]);
  });

  it('rejects after ten seconds without an answer, and not before', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client, opened } = connect(server.url, { clock });
    await opened(1);
    server.answers = ({ type }) => type !== 'message';
    let outcome: unknown = 'waiting';
    client.sendMessage(say('general', 'a')).catch((error: unknown) => {
      outcome = error;
    });
    await server.connection(1, 'message general');
    await clock.advance(9_999);
    expect(outcome).toBe('waiting');
    await clock.advance(1);
    expect(outcome).toMatchObject({ name: 'TimeoutError', operation: 'message general', timeoutMs: 10_000 });
    expect(client.state).toBe('open');
  });

  it('does not take the message of somebody else with the same id for its answer', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    await client.join('general').joined;
    server.answers = ({ type }) => type !== 'message';
    let answer: unknown;
    void client.sendMessage({ ...say('general', 'mine'), id: 'x' }).then((message) => {
      answer = message;
    });
    await server.connection(1, 'message general');
    const data = { text: 'not yours' };
    server.session.push('message', data, { room: 'general', from: 'a stranger', id: 'x' });
    server.session.push('error', { message: 'not yours', code: 'x' }, { from: 'a stranger', id: 'x' });
    await client.join('another').joined;
    expect(answer).toBeUndefined();
    server.session.push('message', { text: 'mine' }, { room: 'general', from: client.connectionId, id: 'x' });
    await eventually(() => answer !== undefined);
    expect(answer).toMatchObject({ data: { text: 'mine' } });
  });

  it('rejects with the loss of the connection where the answer can come no more, and is not sent again', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    await client.join('general').joined;
    server.answers = ({ type }) => type !== 'message';
    const sent = client.sendMessage(say('general', 'a'));
    const lost = expect(sent).rejects.toMatchObject({ name: 'ConnectionLostError', code: 1006 });
    await server.connection(1, 'message general');
    server.session.socket.terminate();
    await lost;
    await opened(2);
    await server.connection(2, 'join general');
    await turns(5);
    expect(server.session.said).toEqual([]);
  });

  it('refuses, without sending it, what would end the connection or is no JSON', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { maxMessageBytes: 1000 });
    await client.join('general').joined;
    const circle: { self?: unknown } = {};
    circle.self = circle;
    await expect(client.sendMessage(say('general', 'ü'.repeat(480)))).rejects.toMatchObject({
      name: 'MessageRejectedError',
      code: 'data_too_large',
    });
    await expect(client.sendMessage({ type: 'message', room: 'general', data: circle })).rejects.toThrow(TypeError);
    await client.sendMessage(say('general', 'x'.repeat(480)));
    expect(server.session.said).toHaveLength(1);
  });

  it('never leaves a promise that nobody settles when it is disconnected', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    await opened(1);
    server.answers = () => false;
    const sent = client.sendMessage(say('general', 'a'));
    const joined = client.join('general').joined;
    const outcomes = Promise.allSettled([sent, joined]);
    await client.disconnect();
    expect(await outcomes).toMatchObject([
      { reason: { name: 'ClientClosedError' } },
      { reason: { name: 'ClientClosedError' } },
    ]);
    await expect(client.sendMessage(say('general', 'b'))).rejects.toMatchObject({ name: 'ClientClosedError' });
    expect(() => client.join('general')).toThrow('closed');
    expect(() => client.followPresence('bob')).toThrow('closed');
  });
});

describe('the queue', () => {
  it('keeps messages while there is no connection, and sends each once, in order, after the rooms', async () => {
    const server = await startServer();
    const { client, opened } = connect(server.url);
    client.join('general');
    const first = ['a', 'b', 'c'].map((text) => client.sendMessage(say('general', text)));
    expect(client.queued).toBe(3);
    await Promise.all(first);
    server.refuseWith = () => 503;
    server.session.socket.terminate();
    await eventually(() => client.state !== 'open');
    const second = ['d', 'e'].map((text) => client.sendMessage(say('general', text)));
    server.refuseWith = () => undefined;
    await opened(2);
    await Promise.all(second);
    expect(server.sessions.map(({ told }) => told)).toEqual([
      ['join general', 'message general', 'message general', 'message general'],
      ['join general', 'message general', 'message general'],
    ]);
    expect(server.sessions.flatMap(({ said }) => said)).toEqual(['a', 'b', 'c', 'd', 'e'].map((text) => ({ text })));
    expect(client.queued).toBe(0);
  });

  it('is bounded', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { maxQueued: 2 });
    client.join('general');
    const sent = ['a', 'b', 'c'].map((text) => client.sendMessage(say('general', text)));
    const outcomes = await Promise.allSettled(sent);
    expect(outcomes).toMatchObject([
      { status: 'fulfilled' },
      { status: 'fulfilled' },
      { reason: { name: 'QueueFullError', option: 'maxQueued', limit: 2 } },
    ]);
  });

  it('may be none, and then refuses only what has to wait', async () => {
    const server = await startServer();
    const { client } = connect(server.url, { maxQueued: 0 });
    await expect(client.sendMessage(say('general', 'a'))).rejects.toMatchObject({ name: 'QueueFullError' });
    await client.join('general').joined;
    await client.sendMessage(say('general', 'b'));
  });

  it('sends no more in a second than is allowed, whatever has waited', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock, maxMessagesPerSecond: 10 });
    const sent = Array.from({ length: 25 }, (_, index) => client.sendMessage(say('user:ada', String(index))));
    const received = () => server.sessions[0]?.received.length ?? 0;
    await eventually(() => received() === 10, 'ten');
    await clock.advance(999);
    expect(received()).toBe(10);
    await clock.advance(1);
    await eventually(() => received() === 20, 'twenty');
    // The heartbeat that begins a connection counts too.
    await clock.advance(1000);
    await Promise.all(sent);
    expect(received()).toBe(26);
    expect(server.session.said).toEqual(Array.from({ length: 25 }, (_, index) => ({ text: String(index) })));
  });

  it('counts anew on each connection, which begins with what is wanted by then, once', async () => {
    const server = await startServer();
    const clock = new ManualClock();
    const { client } = connect(server.url, { clock, maxMessagesPerSecond: 3, random: () => 0 });
    const rooms = ['a', 'b', 'c', 'd', 'e'];
    for (const room of rooms) client.join(room);
    await eventually(() => server.sessions[0]?.told.length === 3, 'three rooms');
    server.session.socket.terminate();
    await eventually(() => client.state === 'waiting');
    await clock.advance(0);
    await eventually(() => server.sessions[1]?.told.length === 3, 'three rooms');
    await clock.advance(1000);
    await eventually(() => rooms.every((room) => client.rooms.includes(room)), 'all rooms');
    await clock.advance(5000);
    expect(server.session.told).toEqual(rooms.map((room) => `join ${room}`));
  });

  it('does not wait for longer than a second where somebody has set the clock back', () => {
    let now = 1_000_000;
    const waits: number[] = [];
    const clock = {
      now: () => now,
      after: (ms: number) => {
        waits.push(ms);
        return () => {};
      },
    };
    const outbox = new Outbox({ clock, maxQueued: 10, maxMessagesPerSecond: 1 });
    outbox.opened();
    const one = { send: () => {}, drop: () => {} };
    outbox.offer(one);
    now -= 3_600_000;
    outbox.offer(one);
    expect(waits).toEqual([1000]);
  });

  it('rejects what waits when the client has failed', async () => {
    const server = await startServer();
    server.refuseWith = () => 401;
    const { client, errors } = connect(server.url, { token: 'expired' });
    await expect(client.sendMessage(say('general', 'a'))).rejects.toMatchObject({ name: 'CredentialsRefusedError' });
    expect(client.connectionState).toBe('error');
    await expect(client.sendMessage(say('general', 'b'))).rejects.toMatchObject({ name: 'NotConnectedError' });
    expect(errors).toHaveLength(1);
  });
});

it('tells errors that answer nothing, and what is no message', async () => {
  const server = await startServer();
  const { client, errors } = connect(server.url);
  await client.ready;
  server.session.push('error', { message: 'events are lost', code: 'unavailable' });
  server.session.sendFrame('{"type":"nonsense"}');
  server.session.sendFrame('not JSON');
  server.session.sendFrame(Buffer.from([1, 2, 3]));
  await eventually(() => errors.length === 4);
  expect(errors.map(({ name }) => name)).toEqual([
    'MessageRejectedError',
    'ProtocolError',
    'ProtocolError',
    'ProtocolError',
  ]);
  expect(errors[0]).toMatchObject({ code: 'unavailable', reason: 'events are lost' });
  expect(client.state).toBe('open');
});

it('tells listeners by type, and what they throw to nobody but the handler', async () => {
  const server = await startServer();
  const thrown: unknown[] = [];
  const { client } = connect(server.url, { onListenerError: (error, event) => thrown.push([event, String(error)]) });
  await client.ready;
  const heard: unknown[] = [];
  client.on('notification', () => {
    throw new Error('first');
  });
  const stop = client.on('notification', ({ data }) => heard.push(data));
  client.onRoom('user:ada', () => Promise.reject(new Error('second')));
  server.session.push('notification', { message: 'a' }, { room: 'user:ada' });
  await eventually(() => thrown.length === 2);
  stop();
  stop();
  server.session.push('notification', { message: 'b' });
  await eventually(() => thrown.length === 3);
  expect(heard).toEqual([{ message: 'a' }]);
  expect(thrown).toEqual([
    ['notification', 'Error: first'],
    ['user:ada', 'Error: second'],
    ['notification', 'Error: first'],
  ]);
});
