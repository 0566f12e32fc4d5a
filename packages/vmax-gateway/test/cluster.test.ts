import { type Fate, MemoryBroker } from '@roomcast/engine';
import { eventually, ManualClock, RecordingLogger, turns } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { eventOf } from './support/events.js';
import {
  ask,
  fleetChannel,
  fleetOf,
  publish,
  regulatorChannel,
  startGateway,
  stopAll,
  subscribe,
  told,
  toldSoFar,
} from './support/server.js';

afterEach(stopAll);

const regulatorId = 'fleet-1/reg-1';

/** Two instances that share a directory. */
async function startTwo(lookup: ((id: string) => string | undefined) | null = fleetOf) {
  let fate: (topic: string) => Fate = () => 'deliver';
  const carried: string[] = [];
  const broker = new MemoryBroker({
    fate: ({ topic }) => {
      carried.push(topic);
      return fate(topic);
    },
  });
  const logger = new RecordingLogger();
  const clock = new ManualClock(Date.now());
  let refuses = (_topic: string) => false;
  const connect = () => {
    const bus = broker.connect();
    const subscribe = bus.subscribe.bind(bus);
    bus.subscribe = (topic, receive) =>
      refuses(topic) ? Promise.reject(new Error('the bus refuses')) : subscribe(topic, receive);
    return bus;
  };
  const start = () =>
    startGateway({ fleetOf: lookup ?? undefined }, { bus: connect(), logger, clock, topicLingerMs: 0 });
  const here = await start();
  const there = await start();
  await here.engine.ready();
  await there.engine.ready();
  return {
    here,
    there,
    logger,
    clock,
    /** Topics by which something reached the other instance, the engine's own left out. */
    carried: () => carried.filter((topic) => !topic.includes('$') && topic.startsWith('roomcast.vmax.')),
    /** Subscriptions to a fleet's topic are refused from now on, or no more. */
    refuse: (fleetId: string | null) => {
      refuses = (topic) => topic === `roomcast.vmax.fleet:${fleetId}`;
    },
    lose: (lost: boolean) => {
      fate = (topic) => (lost && topic.startsWith('roomcast.vmax.fleet') ? 'drop' : 'deliver');
    },
  };
}

describe('an event published on one instance', () => {
  it('reaches the sessions of the other, once, with the time of its publication', async () => {
    const { here, there, clock } = await startTwo();
    const manager = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    await subscribe(manager, regulatorChannel(regulatorId));
    const publishedAt = clock.now();
    publish(here.gateway, eventOf.checkedOut(regulatorId));
    const first = await told(manager);
    expect(first).toMatchObject({
      type: 'REGULATOR_CHECKED_OUT',
      timestamp: new Date(publishedAt).toISOString(),
    });
    expect(await told(manager)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED', timestamp: first.timestamp });
    expect(await toldSoFar(manager)).toEqual([]);
  });

  it('travels only where somebody wants its fleet', async () => {
    const { here, there, carried, clock } = await startTwo();
    const manager = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    publish(here.gateway, eventOf.fleetUpdated('fleet-2'), eventOf.fleetUpdated('fleet-1'));
    expect((await told(manager)).payload).toMatchObject({ fleetId: 'fleet-1' });
    expect(carried()).toEqual(['roomcast.vmax.fleet:fleet-1']);
    await ask(manager, 'UNSUBSCRIBE', fleetChannel('fleet-1'));
    await clock.advance(1);
    expect(there.gateway.mount.stats().topics).toBe(1);
  });

  it('reaches who is subscribed to one regulator only, by the topic of its fleet', async () => {
    const { here, there, carried } = await startTwo();
    const owner = await there.member({ role: 'REG_OWNER', ownedRegulatorIds: [regulatorId] });
    await subscribe(owner, regulatorChannel(regulatorId));
    publish(here.gateway, eventOf.checkedIn(regulatorId), eventOf.statusChanged('fleet-1/reg-2'));
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED', payload: { newStatus: 'CHARGING' } });
    await turns(5);
    expect(await toldSoFar(owner)).toEqual([]);
    expect(carried()).toEqual(['roomcast.vmax.fleet:fleet-1', 'roomcast.vmax.fleet:fleet-1']);
  });

  it('reaches owners and administrators also where no directory knows the fleet', async () => {
    const { here, there } = await startTwo(null);
    const owner = await there.member({ role: 'REG_OWNER', ownedRegulatorIds: ['stray'] });
    await subscribe(owner, regulatorChannel('stray'));
    publish(here.gateway, { ...eventOf.statusChanged('stray'), fleetId: 'fleet-9' });
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED', payload: { regulatorId: 'stray' } });
  });
});

describe('a regulator that moves to another fleet', () => {
  async function startMoving() {
    const fleets = new Map([[regulatorId, 'fleet-1']]);
    const two = await startTwo((id) => fleets.get(id));
    const owner = await two.there.member({ role: 'REG_OWNER', ownedRegulatorIds: [regulatorId] });
    await subscribe(owner, regulatorChannel(regulatorId));
    const manager = await two.there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    await subscribe(manager, regulatorChannel(regulatorId));
    await ask(manager, 'UNSUBSCRIBE', fleetChannel('fleet-1'));
    return { ...two, fleets, owner, manager };
  }
  const moved = { ...eventOf.statusChanged(regulatorId), fleetId: 'fleet-2' };

  it('takes its owner along, and its former manager is told that the subscription is over', async () => {
    const { here, there, fleets, owner, manager, clock } = await startMoving();
    fleets.set(regulatorId, 'fleet-2');
    await there.gateway.recheck();
    expect(await told(manager)).toMatchObject({ type: 'UNSUBSCRIBED', payload: regulatorChannel(regulatorId) });
    publish(here.gateway, moved);
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
    expect(await toldSoFar(manager)).toEqual([]);
    await clock.advance(1);
    expect(there.gateway.mount.stats()).toMatchObject({ rooms: 1, topics: 2 });
  });

  it('takes its owner along as soon as somebody else subscribes to it', async () => {
    const { here, there, fleets, owner, clock } = await startMoving();
    fleets.set(regulatorId, 'fleet-2');
    const admin = await there.member({ role: 'ADMIN' });
    await subscribe(admin, regulatorChannel(regulatorId));
    await clock.advance(1);
    publish(here.gateway, moved);
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
    expect(await told(admin)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
  });

  it('stays where it was while the directory can not tell', async () => {
    const { here, there, fleets, owner, manager } = await startMoving();
    fleets.delete(regulatorId);
    await there.gateway.recheck();
    publish(here.gateway, eventOf.statusChanged(regulatorId));
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
    expect(await told(manager)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
  });

  it('is followed there and back, whoever left in between', async () => {
    const { here, there, fleets, owner, manager, clock } = await startMoving();
    await ask(manager, 'UNSUBSCRIBE', regulatorChannel(regulatorId));
    await ask(owner, 'UNSUBSCRIBE', regulatorChannel(regulatorId));
    fleets.set(regulatorId, 'fleet-2');
    await subscribe(owner, regulatorChannel(regulatorId));
    fleets.set(regulatorId, 'fleet-1');
    await there.gateway.recheck();
    await clock.advance(1);
    publish(here.gateway, eventOf.statusChanged(regulatorId));
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
  });

  it('stays where it was while the bus refuses the other topic, and is tried again', async () => {
    const { here, there, fleets, owner, refuse } = await startMoving();
    fleets.set(regulatorId, 'fleet-2');
    refuse('fleet-2');
    await expect(there.gateway.recheck()).rejects.toThrow('the bus refuses');
    publish(here.gateway, eventOf.statusChanged(regulatorId));
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
    refuse(null);
    await there.gateway.recheck();
    publish(here.gateway, moved);
    expect(await told(owner)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
  });

  it('is heard of from other instances once the directory knows it', async () => {
    const fleets = new Map<string, string>();
    const { here, there } = await startTwo((id) => fleets.get(id));
    const admin = await there.member({ role: 'ADMIN' });
    await subscribe(admin, regulatorChannel('new'));
    const event = { ...eventOf.statusChanged('new'), fleetId: 'fleet-1' };
    publish(there.gateway, event);
    expect(await told(admin)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
    publish(here.gateway, event);
    await turns(5);
    expect(await toldSoFar(admin)).toEqual([]);
    fleets.set('new', 'fleet-1');
    await there.gateway.recheck();
    publish(here.gateway, event);
    expect(await told(admin)).toMatchObject({ type: 'REGULATOR_STATUS_CHANGED' });
  });
});

describe('events that are lost between instances', () => {
  const attentive = 'notify_missed=true';
  const notice = { type: 'EVENTS_MISSED', timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) };

  it('are told of to all who are subscribed to anything, where all travel by one topic', async () => {
    const { here, there, lose } = await startTwo(null);
    const manager = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' }, attentive);
    const idle = await there.member({ role: 'ADMIN' }, attentive);
    publish(here.gateway, eventOf.fleetUpdated('fleet-1'));
    expect((await told(manager)).type).toBe('FLEET_UPDATED');
    lose(true);
    publish(here.gateway, eventOf.fleetUpdated('fleet-2'));
    await turns(5);
    lose(false);
    publish(here.gateway, eventOf.fleetUpdated('fleet-2'));
    expect(await told(manager)).toEqual(notice);
    expect(await toldSoFar(idle)).toEqual([]);
  });

  it('are told of to those who asked and may have missed them, and to nobody else', async () => {
    const { here, there, lose, logger } = await startTwo();
    const manager = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' }, attentive);
    await subscribe(manager, regulatorChannel(regulatorId));
    const owner = await there.member({ role: 'REG_OWNER', ownedRegulatorIds: [regulatorId] }, attentive);
    await subscribe(owner, regulatorChannel(regulatorId));
    const other = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-2' }, attentive);
    const old = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    const no = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' }, 'notify_missed=false');
    publish(here.gateway, eventOf.telemetry(regulatorId));
    for (const client of [manager, owner]) expect((await told(client)).type).toBe('TELEMETRY_RECEIVED');
    lose(true);
    publish(here.gateway, eventOf.telemetry(regulatorId));
    await turns(5);
    lose(false);
    publish(here.gateway, eventOf.telemetry(regulatorId));
    for (const client of [manager, owner]) {
      expect(await told(client)).toEqual(notice);
      expect((await told(client)).type).toBe('TELEMETRY_RECEIVED');
      expect(await toldSoFar(client)).toEqual([]);
    }
    expect(await toldSoFar(other)).toEqual([]);
    for (const client of [old, no]) {
      expect((await toldSoFar(client)).map(({ type }) => type)).toEqual(['TELEMETRY_RECEIVED', 'TELEMETRY_RECEIVED']);
    }
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { topic: 'fleet:fleet-1', missed: 1 } }]);
  });
});

describe('a bus that refuses a topic', () => {
  it('ends the connection that needs it with 1011, whose client comes back', async () => {
    const { there, refuse } = await startTwo();
    const admin = await there.member({ role: 'ADMIN' });
    refuse('fleet-1');
    admin.send({ type: 'SUBSCRIBE', payload: fleetChannel('fleet-1') });
    expect(await admin.waitForClose()).toEqual({ code: 1011, reason: 'internal error' });
    refuse(null);
    const again = await there.member({ role: 'ADMIN' });
    await subscribe(again, fleetChannel('fleet-1'));
  });
});

describe('what comes over the bus', () => {
  it.each([
    null,
    5,
    {},
    { fleetId: 'fleet-1', at: 'now', announcements: [] },
    { fleetId: 'fleet-1', at: 9e15, announcements: [] },
    { fleetId: 'fleet-1', at: 0, announcements: [null] },
    { fleetId: 'fleet-1', at: 0, announcements: [{ type: 'CONNECTED', payload: {} }] },
    { fleetId: 'fleet-1', at: 0, announcements: [{ type: 'TELEMETRY_RECEIVED', payload: { regulatorId } }] },
    { at: 0, announcements: [{ type: 'FLEET_UPDATED' }] },
  ])('and is no news is ignored and counted: %j', async (value) => {
    const { here, there } = await startTwo();
    const manager = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    here.gateway.mount.topics.spread('fleet:fleet-1', value);
    await eventually(() => there.gateway.mount.stats().ignored === 1);
    expect(await toldSoFar(manager)).toEqual([]);
    expect(there.gateway.mount.stats().failures).toBe(0);
  });
});

describe('an application', () => {
  it('can end the connections and subscriptions of a user on every instance', async () => {
    const { here, there } = await startTwo();
    const client = await there.member({ role: 'FLEET_MGR', fleetId: 'fleet-1', userId: 'u' });
    here.gateway.mount.leaveAll('u');
    expect(await told(client)).toMatchObject({ type: 'UNSUBSCRIBED', payload: fleetChannel('fleet-1') });
    here.gateway.mount.disconnect({ identity: 'u' });
    expect(await client.waitForClose()).toEqual({ code: 1008, reason: 'disconnected by the server' });
  });
});
