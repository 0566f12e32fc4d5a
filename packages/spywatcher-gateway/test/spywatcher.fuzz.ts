import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  activityTypes,
  clientEventNames,
  guildEventNames,
  isServerEventName,
  parseServerEvent,
} from '@roomcast/spywatcher-protocol';
import { next } from '@roomcast/testing';
import fc from 'fast-check';
import { io } from 'socket.io-client';
import { expect, it } from 'vitest';
import { start, tokenOf } from './support/server.js';

const seed = Number(process.env.ROOMCAST_FUZZ_SEED) || Date.now() % 1_000_000_007;
const fuzzMs = Number(process.env.ROOMCAST_FUZZ_MS) || 20_000;
const maxGrowthBytes = 24 * 1024 * 1024;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const forever = {
  seed,
  numRuns: Number.MAX_SAFE_INTEGER,
  interruptAfterTimeLimit: fuzzMs,
  markInterruptAsFailure: false,
};
const value = fc.jsonValue({ maxDepth: 3 });
const id = fc.constantFrom('1', '2', '3', '4', '');

it(`answers arbitrary events for ${fuzzMs} ms (ROOMCAST_FUZZ_SEED=${seed})`, async () => {
  const { user, http, gateway, logger } = await start({ maxMessages: 0 }, { maxConnectsPerIpPerMinute: 1e9 });
  const token = await tokenOf();
  const bystander = await user();
  await bystander.emitWithAck('subscribe:guild', '2');
  const event = fc.tuple(
    fc.oneof(fc.constantFrom<string>(...clientEventNames), fc.constantFrom('error', '__proto__', 'message:new', 'x')),
    fc.oneof({ weight: 3, arbitrary: id }, value),
  );
  let before = 0;
  let runs = 0;
  const property = fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
    // Not one that is kept until the test is over.
    const socket = io(http, { auth: { token }, forceNew: true, reconnection: false, transports: ['websocket'] });
    await next(socket, 'connect');
    const model = new Set<string>();
    for (const [name, guild] of events) {
      if (!(clientEventNames as readonly string[]).includes(name)) {
        socket.emit(name, guild);
        continue;
      }
      const ack: { ok: boolean } = await socket.emitWithAck(name, guild);
      const isPermitted = guild === '1' || guild === '2';
      const isGuild = typeof guild === 'string' && /^[^\p{Cc}\p{Cs}]{1,128}$/u.test(guild);
      const [action, kind] = name.split(':');
      expect(ack.ok).toBe(action === 'subscribe' ? isPermitted : isGuild);
      if (action === 'subscribe' && isPermitted) model.add(`${kind}:${guild}`);
      if (action === 'unsubscribe') model.delete(`${kind}:${guild}`);
    }
    const rooms = gateway.io.sockets.sockets.get(String(socket.id))?.rooms ?? new Set();
    expect([...rooms].filter((room) => room !== socket.id).sort()).toEqual([...model].sort());
    socket.disconnect();
    expect(bystander.connected).toBe(true);
    if (++runs === 100) before = heapBytes();
  });
  await fc.assert(property, forever);
  expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
  if (before > 0) expect(heapBytes() - before).toBeLessThan(maxGrowthBytes);
});

it(`sends nothing but the protocol, whatever is published, for ${fuzzMs} ms (ROOMCAST_FUZZ_SEED=${seed})`, async () => {
  const { user, gateway, clock, logger } = await start({ throttleMs: 1000, maxMembersPerGuild: 50, maxMembers: 100 });
  const admin = await user({ role: 'ADMIN' });
  for (const guild of ['1', '2', '3']) {
    await admin.emitWithAck('subscribe:guild', guild);
    await admin.emitWithAck('subscribe:analytics', guild);
    await clock.advance(1000);
  }
  let received = 0;
  admin.onAny((name: string, data: unknown) => {
    received++;
    if (!isServerEventName(name) || name === 'error') throw new Error(`an event ${name}`);
    expect(parseServerEvent(name, data)).toEqual({ ok: true, value: data });
  });
  const text = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('u1', 'u2', '175928847299117063'));
  const time = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
  const fields = fc.record(
    {
      guildId: fc.constantFrom('1', '2', '3', undefined),
      type: fc.constantFrom(...activityTypes),
      userId: text,
      username: text,
      timestamp: fc.oneof(time, fc.constantFrom(new Date(clock.now()).toISOString()), value),
      channelId: text,
      channelName: text,
      status: fc.oneof(fc.constantFrom('online', 'offline'), value),
      clientStatus: fc.oneof(fc.record({ desktop: text, web: text }), value),
      platforms: fc.array(fc.constantFrom('desktop', 'web')),
      addedRoles: fc.array(text),
      accountAgeDays: fc.oneof(fc.nat(), value),
      accountCreatedAt: fc.oneof(time, value),
      ghosts: fc.array(fc.record({ userId: text, username: text, ghostScore: fc.oneof(fc.float(), value) })),
      lurkers: fc.constant([]),
      channelDiversity: fc.constant([]),
      content: value,
    },
    { requiredKeys: ['type', 'userId', 'username', 'timestamp'] },
  );
  const input = fc.oneof(
    fc.record({ guildId: id, activity: fc.oneof(fields, value) }),
    fc.record({
      guildId: id,
      event: fc.constantFrom(...guildEventNames, 'analytics:update', 'error'),
      data: fc.oneof(fields, value),
    }),
    value,
  );
  let published = 0;
  const property = fc.asyncProperty(fc.array(input, { maxLength: 20 }), async (inputs) => {
    for (const one of inputs) {
      const parsed = gateway.parse(one);
      if (!parsed.ok) continue;
      published++;
      await gateway.publish(parsed.event).done;
    }
    await clock.advance(500);
    expect(gateway.stats().members).toBeLessThanOrEqual(100);
  });
  await fc.assert(property, forever);
  expect(published).toBeGreaterThan(0);
  await gateway.publish({
    guildId: '1',
    event: 'user:join',
    data: { guildId: '1', userId: '7', username: 'last', accountAgeDays: 1, timestamp: 'now' },
  }).done;
  await next(admin, 'user:join');
  expect(received).toBeGreaterThan(0);
  expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
