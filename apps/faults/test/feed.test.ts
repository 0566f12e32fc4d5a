import { eventually, hasTool, type RunningBroker, startNats, startRedis } from '@roomcast/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KillFeed } from './support/feed.js';
import { Instance } from './support/instance.js';
import type { Listener } from './support/wire.js';
import { killmailNumber, killmails } from './support/wires/killmails.js';

const names = ['A', 'B', 'C'];

/** A dead or frozen owner is replaced within 30 s; the rest is for starting and catching up. */
const handOverMs = 45_000;

const brokers = [
  { name: 'Redis', tool: 'redis-server', variable: 'REDIS_URL', startBroker: startRedis },
  { name: 'NATS', tool: 'nats-server', variable: 'NATS_URL', startBroker: startNats },
];

describe.each(brokers)('the feed of three instances over $name', ({ tool, variable, startBroker }) => {
  describe.skipIf(!hasTool(tool))('is read by one of them', { timeout: 180_000 }, () => {
    let broker: RunningBroker;
    let feed: KillFeed;
    const instances = new Map<string, Instance>();
    const listeners: Listener[] = [];
    const heard = new Map<string, number[]>(names.map((name) => [name, []]));

    beforeAll(async () => {
      broker = await startBroker();
      feed = await KillFeed.start();
      feed.add(1);
      await Promise.all(
        names.map(async (name) => {
          const env = { ...killmails.env, ...feed.env, [variable]: broker.url, USER_AGENT: name };
          const instance = await Instance.start(name, 'killmails', env);
          instances.set(name, instance);
          await eventually(() => instance.isReady(), `${name} to be ready`, handOverMs);
          listeners.push(await killmails.listen(instance, (mark) => heard.get(name)?.push(killmailNumber(mark))));
        }),
      );
    }, 180_000);

    afterAll(async () => {
      await Promise.all([...instances.values()].map((instance) => instance.kill()));
      for (const listener of listeners) await listener.close();
      await feed?.close();
      await broker?.close();
    });

    const alive = () => [...instances.keys()];

    /** Whose listeners were there from the beginning has all, in order; nobody has any twice. */
    async function everybodyHasAll(): Promise<void> {
      const all = () => feed.killmails.slice(1);
      const complete = () => alive().every((name) => all().every((kill) => heard.get(name)?.includes(kill)));
      await eventually(complete, 'everybody to have every kill', handOverMs).catch((error: unknown) => {
        const counts = alive().map((name) => `${name} ${heard.get(name)?.length}`);
        throw new Error(`${error}: ${all().length} kills, heard: ${counts.join(', ')}`);
      });
      for (const name of alive()) {
        const kills = (heard.get(name) ?? []).filter((kill) => kill !== feed.killmails[0]);
        expect([name, kills]).toEqual([name, all()]);
      }
    }

    it('and reaches the clients of all', async () => {
      // It begins with the latest: what comes after that is told.
      await eventually(() => feed.isRead, 'the feed to be read', handOverMs);
      feed.add(20);
      await everybodyHasAll();
      expect(names).toContain(feed.reader);
    });

    it('and by another when that one stands still, whose kills are not told again when it goes on', async () => {
      const frozen = feed.reader;
      instances.get(frozen)?.process.kill('SIGSTOP');
      feed.add(20);
      await eventually(() => feed.reader !== frozen, 'another reader', handOverMs);
      feed.add(5);
      instances.get(frozen)?.process.kill('SIGCONT');
      await eventually(async () => instances.get(frozen)?.isReady(), 'the frozen one to be ready', handOverMs);
      feed.add(5);
      for (const name of alive().filter((other) => other !== frozen)) {
        const all = () => feed.killmails.slice(1).every((kill) => heard.get(name)?.includes(kill));
        await eventually(all, `${name} to have every kill`, handOverMs);
        const kills = heard.get(name)?.filter((kill) => kill !== feed.killmails[0]);
        expect([name, kills]).toEqual([name, feed.killmails.slice(1)]);
      }
      // What it missed while it stood still it may lack; it has nothing twice.
      const late = heard.get(frozen) ?? [];
      expect(new Set(late).size).toBe(late.length);
      await instances.get(frozen)?.kill();
      instances.delete(frozen);
      await eventually(() => feed.isRead && feed.reader !== frozen, 'one that still runs to read', handOverMs);
    });

    it('and by the last when that one crashes, from where it was', async () => {
      const crashed = feed.reader;
      feed.add(10);
      await instances.get(crashed)?.kill();
      instances.delete(crashed);
      feed.add(10);
      await everybodyHasAll();
    });
  });
});
