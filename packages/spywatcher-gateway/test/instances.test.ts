import { MemoryBroker } from '@roomcast/engine';
import { eventually, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { parseNote } from '../src/notes.js';
import { activity, analytics, at, guildEvent, guildEvents, publish } from './support/events.js';
import { type Instance, next, record, settled, start, startCluster } from './support/server.js';

type Three = [Instance, Instance, Instance];

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

  it('send analytics at most every 30 s together, the newest, whoever publishes and whoever is the owner', async () => {
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

  it('do not leave a guild stale when its owner goes, and do not send too early', async () => {
    const instances = (await startCluster(2)) as [Instance, Instance];
    const { clock } = instances[0];
    const owner = instances.find(({ engine }) => engine.cluster.isOwner('1')) as Instance;
    const other = instances.find((instance) => instance !== owner) as Instance;
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
    await owner.engine.close();
    await owner.gateway.close();
    await eventually(() => other.engine.cluster.members.size === 1, 'the owner is gone');
    await clock.advance(29_000);
    await settled(socket);
    expect(received).toHaveLength(1);
    await clock.advance(1500);
    await settled(socket);
    expect(received).toHaveLength(2);
  });

  it('send an update once, whoever publishes it, and not again when its owner goes', async () => {
    for (const publisher of ['owner', 'other']) {
      const instances = (await startCluster(2)) as [Instance, Instance];
      const { clock } = instances[0];
      const owner = instances.find(({ engine }) => engine.cluster.isOwner('1')) as Instance;
      const other = instances.find((instance) => instance !== owner) as Instance;
      const socket = await other.user();
      await socket.emitWithAck('subscribe:analytics', '1');
      const received = record(socket);
      const data = { guildId: '1', event: 'analytics:update', data: analytics };
      await publish(publisher === 'owner' ? owner : other, data);
      await eventually(() => received.length === 1, 'the update');
      await clock.advance(60_000);
      await settled(socket);
      await owner.engine.close();
      await owner.gateway.close();
      await eventually(() => other.engine.cluster.members.size === 1, 'the owner is gone');
      await clock.advance(60_000);
      await settled(socket);
      expect(received).toHaveLength(1);
    }
  });

  it('tell those who may have missed something', async () => {
    let losing = '';
    const broker = new MemoryBroker({
      fate: ({ topic }) => (losing !== '' && topic.includes(losing) ? 'drop' : 'deliver'),
    });
    const [a, b] = (await startCluster(2, {}, broker)) as [Instance, Instance];
    const follower = await b.user();
    const other = await b.user();
    await follower.emitWithAck('subscribe:guild', '1');
    await other.emitWithAck('subscribe:guild', '2');
    const received = [record(follower), record(other)];
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
    await settled(follower, other);
    const lost = ['error', { message: 'Some events were lost' }];
    expect(received[0]?.filter(([event]) => event === 'error')).toEqual([lost, lost]);
    expect(received[1]).toEqual([lost]);
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
