import { turns } from '@roomcast/testing';
import { describe, expect, test } from 'vitest';
import { plainEvent } from '../src/loader/raw-speech.js';
import { roomOfNaive, roomOfOurs, type StubRoom } from './support/servers.js';
import type { StubSocket } from './support/stub-socket.js';

/*
 * What makes delivery cheap, held by counting: no figure here is a time. The goals themselves are for `pnpm bench`, on a
 * quiet machine.
 */

const members = 1000;
const burst = 32;
/** 6 to 55 were seen. One small object for each delivery would be about 100, a frame of its own 350. */
const maxBytesPerDelivery = 150;
const frameBytes = 4 + plainEvent(0).length;

const total = (sockets: readonly StubSocket[], field: 'writes' | 'bytes') =>
  sockets.reduce((sum, socket) => sum + socket[field], 0);

function publishBurst(room: StubRoom): void {
  for (let n = 0; n < burst; n++) room.publish(JSON.parse(plainEvent(n)));
}

async function delivered({ sockets }: StubRoom, bytes: number): Promise<void> {
  for (let n = 0; n < 1000 && total(sockets, 'bytes') < bytes; n++) await turns(1);
  expect(total(sockets, 'bytes')).toBe(bytes);
}

describe('32 events to 1000 members in one tick', () => {
  test('are one write for each member', async () => {
    const room = await roomOfOurs(members);
    publishBurst(room);
    await delivered(room, burst * members * frameBytes);
    expect(room.sockets.every(({ writes }) => writes === 1)).toBe(true);
  });

  test('are 32 for each member in the naive loop, which the counting sees', async () => {
    const room = await roomOfNaive(members);
    publishBurst(room);
    await delivered(room, burst * members * frameBytes);
    expect(room.sockets.every(({ writes }) => writes === burst)).toBe(true);
  });

  test('are encoded once each', async () => {
    const room = await roomOfOurs(members);
    publishBurst(room);
    expect(room.encoded()).toBe(burst);
  });

  test('take few allocations', async () => {
    const room = await roomOfOurs(members);
    publishBurst(room);
    await delivered(room, burst * members * frameBytes);
    // The first burst compiled the code. A collection in between makes the figure smaller, so that it fails nothing.
    const before = process.memoryUsage().heapUsed;
    publishBurst(room);
    await delivered(room, 2 * burst * members * frameBytes);
    expect((process.memoryUsage().heapUsed - before) / (burst * members)).toBeLessThan(maxBytesPerDelivery);
  });

  test('cost less than half of what the naive loop takes', async () => {
    const ours = await roomOfOurs(members);
    const naive = await roomOfNaive(members);
    const ratios: number[] = [];
    for (let round = 1; round <= 5; round++) {
      const cpu = [];
      for (const room of [ours, naive]) {
        const before = process.cpuUsage();
        publishBurst(room);
        await delivered(room, round * burst * members * frameBytes);
        const { user, system } = process.cpuUsage(before);
        cpu.push(user + system);
      }
      ratios.push((cpu[0] ?? Number.NaN) / (cpu[1] ?? Number.NaN));
    }
    expect(ratios.sort((a, b) => a - b)[2]).toBeLessThan(0.5);
  });
});

test('an event by itself is one write for each member, without a second tick', async () => {
  const room = await roomOfOurs(10);
  room.publish(JSON.parse(plainEvent(0)));
  await turns(1);
  expect(room.sockets.map(({ writes }) => writes)).toEqual(Array(10).fill(1));
});
