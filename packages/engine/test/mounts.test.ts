import { createServer } from 'node:http';
import { eventually, listen, openClient } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createEngine, MemoryBroker, MountConflictError, RoomcastError, silentLogger } from '../src/index.js';
import { ask, mountRaw, rawServer } from './support/raw-wire.js';

describe('mounts of one engine', () => {
  it('never mix, though their rooms and topics have the same names', async () => {
    const engine = createEngine({ logger: silentLogger, bus: new MemoryBroker().connect() });
    const red = mountRaw(engine, { name: 'red', paths: '/red' });
    const blue = mountRaw(engine, { name: 'blue', paths: ['/blue', '/azure'] });
    const server = createServer();
    engine.attach(server);
    const { ws, close } = await listen(server);
    onTestFinished(async () => {
      await engine.close();
      await close();
    });
    const inRed = await openClient(`${ws}/red?id=ada`);
    const inBlue = await openClient(`${ws}/blue?id=ada`);
    const inAzure = await openClient(`${ws}/azure?id=ada`);
    for (const client of [inRed, inBlue, inAzure]) await ask(client, { t: 'join', room: 'hall', topic: 'news' });

    red.publish('news', { rooms: ['hall'], data: 'red' });
    blue.publish('news', { rooms: ['hall'], data: 'blue' });
    expect(await inRed.nextJson()).toEqual({ t: 'event', data: 'red' });
    expect(await inBlue.nextJson()).toEqual({ t: 'event', data: 'blue' });
    expect(await inAzure.nextJson()).toEqual({ t: 'event', data: 'blue' });
    expect([inRed, inBlue, inAzure].map((client) => client.received)).toEqual([[], [], []]);

    expect(red.sessionsOf('ada')?.size).toBe(1);
    expect(blue.disconnect({ identity: 'ada' })).toBe(2);
    await eventually(() => blue.sessions.size === 0);
    expect(await ask(inRed, { t: 'echo', data: 1 })).toEqual({ t: 'echo', data: 1 });
    expect(engine.stats().mounts.map(({ name, sessions }) => [name, sessions])).toEqual([
      ['red', 1],
      ['blue', 0],
    ]);
  });

  it('are refused a name or a path that is taken, by what it is and who has it', async () => {
    const { engine } = await rawServer();
    expect(() => mountRaw(engine, { paths: '/more' })).toThrow(
      expect.objectContaining({ name: 'MountConflictError', what: 'name', value: 'raw' }),
    );
    expect(() => mountRaw(engine, { name: 'more', paths: ['/free', '/raw'] })).toThrow(
      expect.objectContaining({ what: 'path', value: '/raw', takenBy: 'raw' }),
    );
    expect(() => mountRaw(engine, { name: 'more', paths: ['/raw'] })).toThrow(MountConflictError);
    expect(() => mountRaw(engine, { name: 'more', paths: ['/raw'] })).toThrow(/"\/raw".*"raw"/);
  });

  it('leave nothing behind when they are refused', async () => {
    const { engine, url } = await rawServer();
    expect(() => mountRaw(engine, { name: 'more', paths: ['/free', '/raw'] })).toThrow(MountConflictError);
    expect([...engine.mounts.keys()]).toEqual(['raw']);
    await expect(openClient(url.replace('/raw', '/free'))).rejects.toMatchObject({ status: 404 });
    mountRaw(engine, { name: 'more', paths: ['/free'] });
    expect(await ask(await openClient(url.replace('/raw', '/free')), { t: 'echo', data: 1 })).toEqual({
      t: 'echo',
      data: 1,
    });
  });

  it('keep the topic by which they are told whom to disconnect to themselves', async () => {
    const { mount } = await rawServer();
    expect(() => mount.publish('$control', { rooms: [], data: 1 })).toThrow(RoomcastError);
  });
});
