import { listen } from '@roomcast/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { chat, engine, server } from '../examples/chat.js';
import { heard, officialSocket, outcome } from './support/phoenix-client.js';

let url: string;
let close: () => Promise<void>;

beforeAll(async () => {
  const listening = await listen(server);
  url = `${listening.ws}/socket`;
  close = listening.close;
});

afterAll(async () => {
  await engine.close();
  await close();
});

it('the chat of the README runs on a plain HTTP server', async () => {
  const ann = officialSocket(url, { params: { name: 'ann' } });
  const bob = officialSocket(url, { params: { name: 'bob' } });
  try {
    ann.connect();
    bob.connect();
    const annsRoom = ann.channel('room:1');
    const bobsRoom = bob.channel('room:1');
    const log = heard(bobsRoom, 'said');
    expect(await outcome(annsRoom.join())).toEqual({ status: 'ok', response: { welcome: 'ann' } });
    expect(await outcome(bobsRoom.join())).toEqual({ status: 'ok', response: { welcome: 'bob' } });
    expect((await outcome(annsRoom.push('say', { text: 'hello' }))).status).toBe('ok');
    // The broadcast was queued before the answer; bob's own answer comes after it.
    expect((await outcome(bobsRoom.push('shout', {}))).response).toEqual({ reason: 'unknown event' });
    expect(log).toEqual([{ event: 'said', payload: { by: 'ann', what: { text: 'hello' } } }]);
    expect(chat.mount.stats().sessions).toBe(2);
  } finally {
    ann.disconnect();
    bob.disconnect();
  }
});
