import { silentLogger } from '@roomcast/engine';
import { eventually, hasTool } from '@roomcast/testing';
import { createClient } from 'redis';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRedisBus, redisState } from '../src/index.js';
import { slotOf } from '../src/slots.js';
import { startCluster } from './support/cluster.js';

const quick = {
  maxBackOffMs: 300,
  pingIntervalMs: 500,
  replyTimeoutMs: 2000,
  connectTimeoutMs: 4000,
  logger: silentLogger,
};
const topics = Array.from({ length: 60 }, (_, index) => `roomcast.test.${index}`);

async function pair(url: string) {
  const [a, b] = [await createRedisBus({ url, ...quick }), await createRedisBus({ url, ...quick })];
  onTestFinished(async () => void (await Promise.all([a.close(), b.close()])));
  const received: string[] = [];
  await Promise.all(topics.map((topic) => b.subscribe(topic, (text) => received.push(`${topic} ${text}`))));
  const publishAll = async (text: string) => {
    await Promise.all(topics.map((topic) => a.publish(topic, text)));
    await eventually(() => topics.every((topic) => received.includes(`${topic} ${text}`)), `${text} on every topic`);
  };
  return { a, b, received, publishAll };
}

describe.skipIf(!hasTool('redis-server'))('a cluster of three masters', () => {
  it('carries topics of all slots, sharded: each server has only its own', async () => {
    const { url, masters, on } = await startCluster();
    const { received, a, b, publishAll } = await pair(url);
    await publishAll('one');
    expect(received).toHaveLength(topics.length);
    const perMaster = await Promise.all(
      masters.map(async (_, index) => (await on(index, ['PUBSUB', 'SHARDCHANNELS']))[0]),
    );
    const all = perMaster as string[][];
    expect(all.every((channels) => channels.length > 5)).toBe(true);
    expect(all.flat().sort()).toEqual([...topics].sort());
    for (const name of ['x', 'y', 'z', 'w']) await redisState(a, name).save(name);
    for (const name of ['x', 'y', 'z', 'w']) expect(await redisState(b, name).load()).toBe(name);
  });

  it('hears what other programs publish on any of its servers', async () => {
    const { url, masters } = await startCluster();
    const { b } = await pair(url);
    const heard: string[] = [];
    await b.subscribeForeign('roomcast.test.publish', (text) => heard.push(text));
    for (const { url: master, port } of masters) {
      const client = await createClient({ url: master }).connect();
      await client.publish('roomcast.test.publish', String(port));
      client.destroy();
    }
    await eventually(() => heard.length === 3);
    expect(heard.sort()).toEqual(masters.map(({ port }) => String(port)).sort());
  });

  it('is listened to anew where a slot has moved', async () => {
    const { url, masters, on, id } = await startCluster();
    const { a, b, publishAll } = await pair(url);
    const slot = String(slotOf(topics[0] as string));
    const from = Math.floor(Number(slot) / Math.ceil(16_384 / 3));
    const to = (from + 1) % 3;
    const [source, target] = [await id(from), await id(to)];
    const statuses: string[] = [];
    b.onStatus((status) => statuses.push(status));
    await on(to, ['CLUSTER', 'SETSLOT', slot, 'IMPORTING', source]);
    await on(from, ['CLUSTER', 'SETSLOT', slot, 'MIGRATING', target]);
    for (const index of [to, from, 3 - from - to]) await on(index, ['CLUSTER', 'SETSLOT', slot, 'NODE', target]);
    expect(masters).toHaveLength(3);
    await eventually(() => statuses.includes('up'), 'the bus being up again');
    await eventually(async () => {
      // The publisher learns of it by being sent elsewhere.
      return a.publish(topics[0] as string, 'probe').then(
        () => true,
        () => false,
      );
    }, 'the publisher');
    await publishAll('after');
  });

  it('is down while a master is, and back with it', async () => {
    const { url, masters } = await startCluster();
    const { a, b, publishAll } = await pair(url);
    await masters[1]?.program.kill();
    await eventually(() => a.status === 'down' && b.status === 'down');
    await expect(a.publish(topics[0] as string, 'x')).rejects.toMatchObject({ name: 'BusDownError' });
    await masters[1]?.program.start();
    await eventually(() => a.status === 'up' && b.status === 'up', 'both being up');
    await publishAll('again');
  });
});
