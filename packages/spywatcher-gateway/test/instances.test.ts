import { MemoryBroker } from '@roomcast/engine';
import { eventually, next, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { parseNote } from '../src/notes.js';
import { activity, analytics, at, guildEvent, guildEvents, publish } from './support/events.js';
import { type Instance, record, settled, start, startCluster } from './support/server.js';

type Three = [Instance, Instance, Instance];

/** The instance that sends analytics. */
function senderOf(instances: readonly Instance[]): Instance {
  return instances.find(({ engine }) => engine.cluster.lease('spywatcher.updates').held) as Instance;
}

describe('several instances', () => {
  it('share rooms: an event reaches the followers on all, once each, and travels only where there are some', async () => {
    const travelled: string[] = [];
    const broker = new MemoryBroker({
      fate: ({ topic, to }) => {
        if (topic.includes('guild.')) travelled.push(to);
        return 'deliver';
      },
    });
    const [a, b, c] = (await startCluster(3, {}, broker)) as Three;
    const here = await a.user();
    const there = await b.user();
    const elsewhere = await c.user();
    await here.emitWithAck('subscribe:guild', '1');
    await there.emitWithAck('subscribe:guild', '1');
    await elsewhere.emitWithAck('subscribe:guild', '2');
    const received = [here, there, elsewhere].map(record);
    await publish(a, guildEvent('message:new'));
    await eventually(() => received[1]?.length === 1, 'the event');
    await settled(here, there, elsewhere);
    const event = ['message:new', { guildId: '1', ...guildEvents['message:new'] }];
    expect(received).toEqual([[event], [event], []]);
    expect(travelled).toEqual(['instance-1']);
  });

  it('send analytics at most every 30 s together, the newest, whoever publishes', async () => {
    const instances = (await startCluster(3)) as Three;
    const { clock } = instances[0];
    const sockets = await Promise.all(instances.map((instance) => instance.user()));
    for (const socket of sockets) await socket.emitWithAck('subscribe:analytics', '1');
    const received = sockets.map(record);
    const counts = () =>
      received.map((events) =>
        events.map(([, update]) => (update as { data: typeof analytics }).data.channelDiversity[0]?.channelCount),
      );
    const send = async (instance: Instance, n: number) => {
      const channelDiversity = [{ userId: '7', username: 'ann', channelCount: n }];
      await publish(instance, { guildId: '1', event: 'analytics:update', data: { ...analytics, channelDiversity } });
      await turns(4);
    };
    for (const [index, instance] of instances.entries()) await send(instance, index + 1);
    await clock.advance(29_000);
    await settled(...sockets);
    expect(counts()).toEqual([[1], [1], [1]]);
    await clock.advance(1100);
    await settled(...sockets);
    expect(counts()).toEqual([
      [1, 3],
      [1, 3],
      [1, 3],
    ]);
  });

  it('agree on what activity adds up to, and any of them tells a new subscriber', async () => {
    const instances = (await startCluster(3)) as Three;
    const { clock } = instances[0];
    const timestamp = new Date(clock.now()).toISOString();
    for (const instance of instances) await publish(instance, activity({ type: 'typing', userId: 'ghost', timestamp }));
    await turns(4);
    await clock.advance(30_000);
    await turns(4);
    for (const instance of instances) {
      const socket = await instance.user();
      const update = next<{ data: typeof analytics }>(socket, 'analytics:update');
      await socket.emitWithAck('subscribe:analytics', '1');
      expect((await update).data.ghosts).toEqual([{ userId: 'ghost', username: 'ann', ghostScore: 3 }]);
    }
  });

  it('do not leave a guild stale when the one that sends goes, and do not send too early', async () => {
    const instances = (await startCluster(2)) as [Instance, Instance];
    const { clock } = instances[0];
    const sender = senderOf(instances);
    const other = instances.find((instance) => instance !== sender) as Instance;
    const socket = await other.user();
    await socket.emitWithAck('subscribe:analytics', '1');
    const received = record(socket);
    const send = async () => {
      await publish(other, { guildId: '1', event: 'analytics:update', data: analytics });
      await turns(4);
    };
    await send();
    await eventually(() => received.length === 1, 'the first');
    await send();
    await sender.engine.close();
    await sender.gateway.close();
    await eventually(() => other.engine.cluster.members.size === 1, 'it is gone');
    await clock.advance(29_000);
    await settled(socket);
    expect(received).toHaveLength(1);
    await clock.advance(1500);
    await settled(socket);
    expect(received).toHaveLength(2);
  });

  it('send an update once, whoever publishes it, and not again when the one that sends goes', async () => {
    for (const publisher of ['sender', 'other']) {
      const instances = (await startCluster(2)) as [Instance, Instance];
      const { clock } = instances[0];
      const sender = senderOf(instances);
      const other = instances.find((instance) => instance !== sender) as Instance;
      const socket = await other.user();
      await socket.emitWithAck('subscribe:analytics', '1');
      const received = record(socket);
      const data = { guildId: '1', event: 'analytics:update', data: analytics };
      await publish(publisher === 'sender' ? sender : other, data);
      await eventually(() => received.length === 1, 'the update');
      await clock.advance(60_000);
      await settled(socket);
      await sender.engine.close();
      await sender.gateway.close();
      await eventually(() => other.engine.cluster.members.size === 1, 'it is gone');
      await clock.advance(60_000);
      await settled(socket);
      expect(received).toHaveLength(1);
    }
  });

  it('have it sent by one that has been there: neither too early nor incomplete when another one comes', async () => {
    const broker = new MemoryBroker();
    const [a, b] = (await startCluster(2, {}, broker)) as [Instance, Instance];
    const { clock } = a;
    const guilds = Array.from({ length: 20 }, (_, index) => `g${index}`);
    const socket = await b.user({ role: 'ADMIN' });
    for (const guild of guilds) await socket.emitWithAck('subscribe:analytics', guild);
    const received = record(socket);
    const type = async () => {
      const timestamp = new Date(clock.now()).toISOString();
      for (const guild of guilds) await publish(a, activity({ type: 'typing', userId: 'ghost', timestamp }, guild));
      await turns(4);
    };
    await type();
    await eventually(() => received.length === guilds.length, 'the first of each guild');
    const late = await start({}, { bus: broker.connect('late'), clock });
    await eventually(() => late.engine.cluster.members.size === 3, 'the cluster');
    await type();
    await clock.advance(20_000);
    await settled(socket);
    expect(received).toHaveLength(guilds.length);
    await clock.advance(10_100);
    await settled(socket);
    const scores = received.map(([, update]) => (update as { data: typeof analytics }).data.ghosts[0]?.ghostScore);
    expect(scores).toEqual([...guilds.map(() => 1), ...guilds.map(() => 2)]);
  });

  it('tell a new subscriber of one that has just come what was sent before', async () => {
    const broker = new MemoryBroker();
    const [a] = (await startCluster(2, {}, broker)) as [Instance, Instance];
    await publish(a, { guildId: '1', event: 'analytics:update', data: analytics });
    const late = await start({}, { bus: broker.connect('late'), clock: a.clock });
    await eventually(async () => {
      await a.clock.advance(100);
      return late.engine.cluster.lease('spywatcher.updates').holder !== undefined;
    }, 'it knows who sends');
    const sockets = await Promise.all([late.user(), late.user()]);
    const received = sockets.map(record);
    for (const socket of sockets) {
      for (const guild of ['1', '2']) await socket.emitWithAck('subscribe:analytics', guild);
    }
    await eventually(() => received.every(({ length }) => length > 0), 'the update');
    await settled(...sockets);
    const update = ['analytics:update', { guildId: '1', data: analytics, timestamp: at }];
    expect(received).toEqual([[update], [update]]);
  });

  it('tell those who may have missed something, and asked to be told', async () => {
    let losing = '';
    const broker = new MemoryBroker({
      fate: ({ topic }) => (losing !== '' && topic.includes(losing) ? 'drop' : 'deliver'),
    });
    const [a, b] = (await startCluster(2, {}, broker)) as [Instance, Instance];
    const asking = { query: { notify_missed: 'true' } };
    const follower = await b.user({}, asking);
    const polling = await b.user({}, { ...asking, transports: ['polling'] });
    const other = await b.user({}, asking);
    const silent = [await b.user(), await b.user({}, { query: { notify_missed: 'false' } })];
    for (const socket of [follower, polling, ...silent]) await socket.emitWithAck('subscribe:guild', '1');
    await other.emitWithAck('subscribe:guild', '2');
    const sockets = [follower, polling, other, ...silent];
    const received = sockets.map(record);
    for (const topic of ['guild.1', 'analytics']) {
      const send = () => publish(a, topic === 'guild.1' ? guildEvent('user:join') : activity({ type: 'typing' }));
      await send();
      await turns(4);
      losing = topic;
      await send();
      await turns(4);
      losing = '';
      await send();
      await turns(4);
    }
    await settled(...sockets);
    const lost = ['events:missed', {}];
    const lostOfGuild = ['events:missed', { guildId: '1' }];
    const notices = received.map((events) => events.filter(([event]) => event === 'events:missed'));
    expect(notices).toEqual([[lostOfGuild, lost], [lostOfGuild, lost], [lost], [], []]);
    for (const events of received.slice(3)) expect(events.map(([event]) => event)).toEqual(['user:join', 'user:join']);
    expect(b.logger.text).toContain('events of another instance were lost on the bus');
  });

  it('refuse polling without sticky sessions in words that help', async () => {
    const [a, b] = (await startCluster(2)) as [Instance, Instance];
    const path = '/socket.io/?EIO=4&transport=polling';
    const { sid } = JSON.parse((await (await fetch(`${a.http}${path}`)).text()).slice(1)) as { sid: string };
    const answer = await fetch(`${b.http}${path}&sid=${sid}`);
    expect(answer.status).toBe(400);
    expect(((await answer.json()) as { message: string }).message).toContain('sticky sessions');
  });
});

describe('a note of another instance', () => {
  const update = { guildId: '1', data: analytics, timestamp: at };

  it.each([
    [{ kind: 'event', ...guildEvent('role:change') }],
    [{ kind: 'activity', ...activity({ type: 'roles' }) }],
    [{ kind: 'analytics', guildId: '1', data: update }],
    [{ kind: 'update', guildId: '1', data: update }],
  ])('is taken, without what the protocol does not name: %j', (note) => {
    expect(parseNote(note)).toEqual(note);
    expect(parseNote({ ...note, secret: 1, data: 'data' in note ? { ...note.data, secret: 1 } : undefined })).toEqual(
      note,
    );
  });

  it.each([
    [null],
    [5],
    ['x'],
    [{}],
    [{ kind: 'event', guildId: '1' }],
    [{ kind: 'event', guildId: '', event: 'user:join', data: guildEvents['user:join'] }],
    [{ kind: 'event', guildId: '1', event: 'error', data: { message: 'x' } }],
    [{ kind: 'event', guildId: '1', event: 'analytics:update', data: update }],
    [{ kind: 'activity', guildId: '1', activity: { type: 'x' } }],
    [{ kind: 'activity', ...guildEvent('user:join') }],
    [{ kind: 'update', guildId: '2', data: update }],
    [{ kind: 'update', guildId: '1', data: {} }],
    [{ kind: 'other', guildId: '1', data: update }],
  ])('is ignored where it is none: %j', (note) => {
    expect(parseNote(note)).toBeUndefined();
  });

  it('that is none is counted, and the instance goes on', async () => {
    const broker = new MemoryBroker();
    const instance = await start({}, { bus: broker.connect() });
    const stranger = broker.connect();
    const envelope = { version: 1, from: 'x', epoch: 'e', sequence: 1, event: { kind: 'event', event: { kind: 'x' } } };
    await stranger.publish('roomcast.spywatcher.room.analytics', JSON.stringify(envelope));
    await eventually(() => instance.gateway.mount.stats().ignored === 1, 'it is ignored');
    await instance.user();
  });
});
