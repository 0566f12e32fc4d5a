import { eventually } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { eventOf } from './support/events.js';
import {
  fleetChannel,
  publish,
  regulatorChannel,
  startGateway,
  stopAll,
  subscribe,
  type TestServer,
  type Told,
  toldSoFar,
} from './support/server.js';

afterEach(stopAll);

const regulatorId = 'fleet-1/reg-1';

async function watcher(server: TestServer, ...channels: object[]) {
  const client = await server.member({ role: 'ADMIN' });
  for (const channel of channels) await subscribe(client, channel);
  return client;
}

const typesOf = (messages: readonly Told[]): string[] => messages.map(({ type }) => type);

describe('an event', () => {
  it('is sent with exactly its payload and the time of its publication', async () => {
    const at = Date.UTC(2026, 0, 16, 12, 10, 5);
    const clock = { now: () => at, every: () => () => {}, after: () => () => {} };
    const server = await startGateway({ verify: () => ({ userId: 'u', role: 'ADMIN' }) }, { clock });
    const client = await watcher(server, fleetChannel('fleet-1'));
    const event = eventOf.telemetry(regulatorId);
    publish(server.gateway, event);
    const text = JSON.stringify({ type: event.type, payload: event.payload, timestamp: '2026-01-16T12:10:05.000Z' });
    expect(await client.next()).toBe(text);
  });

  it('of any kind reaches the fleet channel; only status changes and telemetry reach the regulator channel', async () => {
    const server = await startGateway();
    const ofFleet = await watcher(server, fleetChannel('fleet-1'));
    const ofRegulator = await watcher(server, regulatorChannel(regulatorId));
    publish(
      server.gateway,
      eventOf.statusChanged(regulatorId),
      eventOf.telemetry(regulatorId),
      eventOf.fleetUpdated('fleet-1'),
      eventOf.checkedOut(regulatorId),
      eventOf.checkedIn(regulatorId),
    );
    expect(typesOf(await toldSoFar(ofFleet))).toEqual([
      'REGULATOR_STATUS_CHANGED',
      'TELEMETRY_RECEIVED',
      'FLEET_UPDATED',
      'REGULATOR_CHECKED_OUT',
      'REGULATOR_STATUS_CHANGED',
      'REGULATOR_CHECKED_IN',
      'REGULATOR_STATUS_CHANGED',
    ]);
    const heard = await toldSoFar(ofRegulator);
    expect(typesOf(heard)).toEqual([
      'REGULATOR_STATUS_CHANGED',
      'TELEMETRY_RECEIVED',
      'REGULATOR_STATUS_CHANGED',
      'REGULATOR_STATUS_CHANGED',
    ]);
    expect(JSON.stringify(heard)).not.toMatch(/John|Doe|player/);
  });

  it('reaches who is subscribed to both channels once', async () => {
    const server = await startGateway();
    const client = await watcher(server, fleetChannel('fleet-1'), regulatorChannel(regulatorId));
    publish(server.gateway, eventOf.statusChanged(regulatorId), eventOf.telemetry(regulatorId));
    expect(typesOf(await toldSoFar(client))).toEqual(['REGULATOR_STATUS_CHANGED', 'TELEMETRY_RECEIVED']);
  });

  it('reaches nobody of another fleet or regulator', async () => {
    const server = await startGateway();
    const client = await watcher(server, fleetChannel('fleet-2'), regulatorChannel('fleet-1/reg-2'));
    publish(server.gateway, eventOf.statusChanged(regulatorId), eventOf.checkedOut(regulatorId));
    expect(await toldSoFar(client)).toEqual([]);
  });

  it('published under another fleet than before reaches an owner, but not the former manager', async () => {
    const server = await startGateway();
    const manager = await server.member({ role: 'FLEET_MGR', fleetId: 'fleet-1' });
    await subscribe(manager, regulatorChannel(regulatorId));
    const owner = await server.member({ role: 'REG_OWNER', ownedRegulatorIds: [regulatorId] });
    await subscribe(owner, regulatorChannel(regulatorId));
    publish(server.gateway, { ...eventOf.statusChanged(regulatorId), fleetId: 'fleet-2' });
    expect(await toldSoFar(owner)).toHaveLength(1);
    expect(await toldSoFar(manager)).toEqual([]);
  });

  it('of several records of telemetry has the fields that both kinds of clients read', async () => {
    const server = await startGateway();
    const client = await watcher(server, fleetChannel('fleet-1'));
    const latest = { latestTimestamp: '2026-01-16T12:10:00.000Z', latestSoc: 80, latestSoh: 90 };
    publish(server.gateway, {
      fleetId: 'fleet-1',
      type: 'TELEMETRY_RECEIVED',
      payload: { regulatorId, recordsUploaded: 12, ...latest },
    });
    const [message] = await toldSoFar(client);
    expect(message?.payload).toEqual({
      regulatorId,
      timestamp: '2026-01-16T12:10:00.000Z',
      soc: 80,
      soh: 90,
      recordsUploaded: 12,
      ...latest,
    });
  });

  it('that is not valid is refused with what is wrong, field by field', async () => {
    const { gateway } = await startGateway();
    expect(gateway.parse({ fleetId: 'fleet-1', type: 'TELEMETRY_RECEIVED', payload: { soc: 1, soh: 2 } })).toEqual({
      ok: false,
      issues: [
        { path: 'payload.regulatorId', message: 'expected a string, got nothing' },
        { path: 'payload.timestamp', message: 'expected an ISO 8601 time with offset, got nothing' },
      ],
    });
  });
});

describe('the status change that a check-out or check-in means', () => {
  async function statusesOf(...events: object[]) {
    const server = await startGateway();
    const client = await watcher(server, fleetChannel('fleet-1'));
    publish(server.gateway, ...events);
    return (await toldSoFar(client))
      .filter(({ type }) => type === 'REGULATOR_STATUS_CHANGED')
      .map(({ payload }) => [payload?.regulatorId, payload?.previousStatus, payload?.newStatus]);
  }

  it('is told: READY to CHECKED_OUT, CHECKED_OUT to what follows', async () => {
    expect(await statusesOf(eventOf.checkedOut(regulatorId))).toEqual([[regulatorId, 'READY', 'CHECKED_OUT']]);
    expect(await statusesOf(eventOf.checkedIn(regulatorId, { newStatus: 'MAINTENANCE' }))).toEqual([
      [regulatorId, 'CHECKED_OUT', 'MAINTENANCE'],
    ]);
  });

  it('begins where the publisher says, which the check-out itself does not repeat', async () => {
    const server = await startGateway();
    const client = await watcher(server, fleetChannel('fleet-1'));
    publish(server.gateway, eventOf.checkedOut(regulatorId, { previousStatus: 'WAREHOUSE' }));
    const [checkout, change] = await toldSoFar(client);
    expect(checkout).toMatchObject({ type: 'REGULATOR_CHECKED_OUT' });
    expect(checkout?.payload).not.toHaveProperty('previousStatus');
    expect(change?.payload).toEqual({
      regulatorId,
      barcode: 'VMAX-0001',
      previousStatus: 'WAREHOUSE',
      newStatus: 'CHECKED_OUT',
    });
  });

  const change = { previousStatus: 'MAINTENANCE', newStatus: 'CHECKED_OUT' };
  const other = 'fleet-1/reg-2';

  it.each([
    ['before it', [eventOf.statusChanged(regulatorId, change), eventOf.checkedOut(regulatorId)]],
    ['after it', [eventOf.checkedOut(regulatorId), eventOf.statusChanged(regulatorId, change)]],
  ])('is not told twice where the same request publishes it %s', async (_when, events) => {
    expect(await statusesOf(...events)).toEqual([[regulatorId, 'MAINTENANCE', 'CHECKED_OUT']]);
  });

  it('is told beside changes of another regulator, or to another status', async () => {
    expect(await statusesOf(eventOf.statusChanged(other, change), eventOf.checkedOut(regulatorId))).toEqual([
      [other, 'MAINTENANCE', 'CHECKED_OUT'],
      [regulatorId, 'READY', 'CHECKED_OUT'],
    ]);
    expect(await statusesOf(eventOf.statusChanged(regulatorId), eventOf.checkedOut(regulatorId))).toHaveLength(2);
  });

  it('is told as often as it happens: one published change stands for one check-out', async () => {
    const twice = [
      eventOf.checkedOut(regulatorId),
      eventOf.statusChanged(regulatorId, { previousStatus: 'READY', newStatus: 'CHECKED_OUT' }),
      eventOf.checkedIn(regulatorId),
      eventOf.checkedOut(regulatorId),
    ];
    expect(await statusesOf(...twice)).toEqual([
      [regulatorId, 'READY', 'CHECKED_OUT'],
      [regulatorId, 'CHECKED_OUT', 'CHARGING'],
      [regulatorId, 'READY', 'CHECKED_OUT'],
    ]);
  });

  it('is told for each request by itself', async () => {
    const server = await startGateway();
    const client = await watcher(server, fleetChannel('fleet-1'));
    publish(server.gateway, eventOf.statusChanged(regulatorId, change));
    publish(server.gateway, eventOf.checkedOut(regulatorId));
    expect(typesOf(await toldSoFar(client)).filter((type) => type === 'REGULATOR_STATUS_CHANGED')).toHaveLength(2);
  });
});

describe('a client that reads too slowly', () => {
  const filler = 'x'.repeat(200_000);

  it('gets the latest telemetry of each regulator, and everything else', async () => {
    const server = await startGateway({ maxQueuedBytes: 8 * 1024 * 1024 });
    const client = await watcher(server, fleetChannel('fleet-1'));
    client.socket.pause();
    const [session] = server.gateway.mount.sessions;
    for (let step = 0; server.engine.stats().blockedSessions === 0; step++) {
      publish(server.gateway, eventOf.fleetUpdated('fleet-1', { filler, step }));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let soc = 0; soc <= 100; soc++) {
      publish(server.gateway, eventOf.telemetry('fleet-1/a', { soc }), eventOf.telemetry('fleet-1/b', { soc }));
    }
    publish(server.gateway, eventOf.checkedOut('fleet-1/a'));
    await eventually(() => (session?.queuedBytes ?? 0) > 0);
    client.socket.resume();
    const heard = (await toldSoFar(client)).filter(({ type }) => type !== 'FLEET_UPDATED');
    expect(heard.map(({ type, payload }) => [type, payload?.regulatorId, payload?.soc])).toEqual([
      ['TELEMETRY_RECEIVED', 'fleet-1/a', 100],
      ['TELEMETRY_RECEIVED', 'fleet-1/b', 100],
      ['REGULATOR_CHECKED_OUT', 'fleet-1/a', undefined],
      ['REGULATOR_STATUS_CHANGED', 'fleet-1/a', undefined],
    ]);
    expect(server.gateway.mount.stats().dropped).toBe(200);
  });

  it('for events that must arrive is closed with 1013', async () => {
    const server = await startGateway();
    const client = await watcher(server, fleetChannel('fleet-1'));
    client.socket.pause();
    for (let step = 0; server.gateway.mount.sessions.size > 0 && step < 1000; step++) {
      publish(server.gateway, eventOf.fleetUpdated('fleet-1', { filler, step }));
      await new Promise((resolve) => setImmediate(resolve));
      if (server.gateway.mount.stats().closed[1013] !== undefined) break;
    }
    client.socket.resume();
    await eventually(() => server.gateway.mount.stats().closed[1013] === 1);
  });
});
