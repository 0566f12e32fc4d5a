import { type Engine, MemoryBroker, type MemoryBrokerOptions } from '@roomcast/engine';
import { eventually, ManualClock, openClient, RecordingLogger, type TestClient, turns } from '@roomcast/testing';
import { describe, expect, test } from 'vitest';
import { type ChatOptions, chatGateway, quietEngine } from './support/chat.js';
import { serve } from './support/serve.js';

const token = 'admin-token-0123';
const authorization = `Bearer ${token}`;

interface SessionList {
  sessions: { id: string; identity: string | null; rooms: string[]; queued_bytes: number; connected_at: string }[];
  total: number;
  next: string | null;
}
interface RoomList {
  rooms: { id: string; members: number }[];
  total: number;
  next: string | null;
}

async function start({
  engine = quietEngine(),
  chats = [{}] as ChatOptions[],
  on = true,
  logger = new RecordingLogger(),
} = {}) {
  for (const options of chats) chatGateway(engine, options);
  const { http, ws } = await serve({ engine, adminToken: on ? token : undefined, logger });
  return {
    engine,
    http,
    join: async (path: string, ...rooms: string[]): Promise<TestClient> => {
      const client = await openClient(ws + path);
      for (const room of rooms) {
        client.send(room);
        await client.next();
      }
      return client;
    },
    get: async <Body>(path: string): Promise<{ status: number; body: Body }> => {
      const response = await fetch(http + path, { headers: { authorization } });
      return { status: response.status, body: (await response.json()) as Body };
    },
    disconnect: async (body: unknown): Promise<[number, unknown]> => {
      const response = await fetch(`${http}/admin/disconnect`, {
        method: 'POST',
        headers: { authorization },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return [response.status, await response.json()];
    },
  };
}

/** Waits until instances have heard of each other. */
async function known(...instances: { engine: Engine }[]): Promise<void> {
  await eventually(
    () => instances.every(({ engine }) => engine.cluster.members.size === instances.length),
    'the members',
  );
}

describe('sessions', () => {
  test('are told with who they are, where, and since when', async () => {
    const { join, get } = await start();
    const before = Date.now();
    await join('/ws?user=ann', 'lobby', 'kitchen');
    await join('/ws');
    const { status, body } = await get<SessionList>('/admin/sessions');
    expect(status).toBe(200);
    expect(body).toMatchObject({ total: 2, next: null });
    const ann = body.sessions.find(({ identity }) => identity === 'ann');
    expect(ann).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      identity: 'ann',
      rooms: ['lobby', 'kitchen'],
      queued_bytes: 0,
      connected_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
    expect(Date.parse(ann?.connected_at ?? '')).toBeGreaterThanOrEqual(before - 1);
    expect(body.sessions.map(({ identity }) => identity)).toContain(null);
  });

  test('are found by identity, by room, and by both', async () => {
    const { join, get } = await start();
    await join('/ws?user=ann', 'lobby');
    await join('/ws?user=ann', 'kitchen');
    await join('/ws?user=bob', 'lobby');
    const count = async (query: string) => (await get<SessionList>(`/admin/sessions?${query}`)).body.total;
    expect(await count('identity=ann')).toBe(2);
    expect(await count('room=lobby')).toBe(2);
    expect(await count('identity=ann&room=lobby')).toBe(1);
    expect(await count('identity=eve')).toBe(0);
    expect(await count('room=attic')).toBe(0);
  });

  test('come in pages that neither repeat nor leave out any', async () => {
    const { join, get } = await start();
    const clients = [];
    for (let index = 0; index < 7; index++) clients.push(await join('/ws'));
    const seen: string[] = [];
    let pages = 0;
    let after: string | null = null;
    do {
      const query: string = after === null ? 'limit=3' : `limit=3&after=${after}`;
      const { body } = await get<SessionList>(`/admin/sessions?${query}`);
      expect(body.total).toBe(clients.length);
      seen.push(...body.sessions.map(({ id }) => id));
      after = body.next;
      pages++;
    } while (after !== null);
    expect(pages).toBe(3);
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  test.each(['limit=0', 'limit=1001', 'limit=x', 'limit=1.5', 'identity=', 'user=ann'])('%s is 400', async (query) => {
    const { get } = await start();
    const { status, body } = await get<{ issues: unknown[] }>(`/admin/sessions?${query}`);
    expect(status).toBe(400);
    expect(body.issues).toHaveLength(1);
    expect((await get('/admin/sessions?limit=1000')).status).toBe(200);
  });
});

describe('rooms', () => {
  test('are told with how many are in them, in pages', async () => {
    const { join, get } = await start();
    await join('/ws', 'lobby', 'kitchen');
    await join('/ws', 'lobby', 'attic');
    expect((await get<RoomList>('/admin/rooms')).body).toEqual({
      rooms: [
        { id: 'attic', members: 1 },
        { id: 'kitchen', members: 1 },
        { id: 'lobby', members: 2 },
      ],
      total: 3,
      next: null,
    });
    const first = (await get<RoomList>('/admin/rooms?limit=2')).body;
    expect(first).toMatchObject({ rooms: [{ id: 'attic' }, { id: 'kitchen' }], total: 3, next: 'kitchen' });
    expect((await get<RoomList>('/admin/rooms?limit=2&after=kitchen')).body).toEqual({
      rooms: [{ id: 'lobby', members: 2 }],
      total: 3,
      next: null,
    });
    expect((await get('/admin/rooms?room=lobby')).status).toBe(400);
  });

  test('of the same name on two mounts are one', async () => {
    const chats = [
      { name: 'one', path: '/one' },
      { name: 'two', path: '/two' },
    ];
    const { join, get } = await start({ chats });
    await join('/one', 'lobby');
    await join('/two', 'lobby', 'attic');
    expect((await get<RoomList>('/admin/rooms')).body).toEqual({
      rooms: [
        { id: 'attic', members: 1 },
        { id: 'lobby', members: 2 },
      ],
      total: 2,
      next: null,
    });
  });
});

describe('disconnect', () => {
  test('ends the sessions of an identity, or one session', async () => {
    const { join, get, disconnect } = await start();
    const ann = await join('/ws?user=ann');
    const annToo = await join('/ws?user=ann');
    const bob = await join('/ws?user=bob');
    expect(await disconnect({ identity: 'ann' })).toEqual([200, { disconnected: 2 }]);
    expect(await ann.waitForClose()).toEqual({ code: 1008, reason: 'disconnected by the server' });
    await annToo.waitForClose();
    const { body } = await get<SessionList>('/admin/sessions?identity=bob');
    expect(await disconnect({ session: body.sessions[0]?.id })).toEqual([200, { disconnected: 1 }]);
    await bob.waitForClose();
    expect(await disconnect({ identity: 'eve' })).toEqual([200, { disconnected: 0 }]);
  });

  test('reaches other instances; without the bus the answer says that it did not', async () => {
    const broker = new MemoryBroker();
    const bus = broker.connect();
    const here = await start({ engine: quietEngine({ bus }) });
    const there = await start({ engine: quietEngine({ bus: broker.connect() }) });
    await known(here, there);
    const ann = await there.join('/ws?user=ann');
    await here.join('/ws?user=ann');
    expect(await here.disconnect({ identity: 'ann' })).toEqual([200, { disconnected: 2 }]);
    await ann.waitForClose();
    bus.setStatus('down');
    const instances_missing = [{ instance: there.engine.instance, reason: 'bus down' }];
    expect(await here.disconnect({ identity: 'ann' })).toEqual([
      503,
      { error: expect.stringContaining('bus is down'), disconnected: 0, instances_missing },
    ]);
  });

  test.each([{}, { identity: 'ann', session: 'x' }, { identity: 1 }, { identity: '' }, [], null, '{', ''])(
    '%j is 400',
    async (body) => {
      const { join, disconnect } = await start();
      const ann = await join('/ws?user=ann');
      expect((await disconnect(body))[0]).toBe(400);
      expect(ann.socket.readyState).toBe(ann.socket.OPEN);
    },
  );

  test('a body of megabytes is 413', async () => {
    const { disconnect } = await start();
    expect((await disconnect({ identity: 'x'.repeat(20_000) }))[0]).toBe(413);
  });
});

describe('of several instances', () => {
  async function three({ fate }: MemoryBrokerOptions = {}) {
    const clock = new ManualClock(Date.now());
    const broker = new MemoryBroker({ clock, ...(fate && { fate }) });
    const logger = new RecordingLogger();
    // On a clock that stands still every message falls into the same second.
    const chats = [{ maxMessages: 0 }];
    const bus = [broker.connect('a'), broker.connect('b'), broker.connect('c')] as const;
    const a = await start({ engine: quietEngine({ bus: bus[0], clock }), logger, chats });
    const b = await start({ engine: quietEngine({ bus: bus[1], clock }), on: false, chats });
    const c = await start({ engine: quietEngine({ bus: bus[2], clock }), chats });
    await known(a, b, c);
    return { a, b, c, clock, bus, logger };
  }

  test('sessions are listed whole from any of them, in pages, and found by identity and room', async () => {
    const { a, b, c } = await three();
    for (const server of [a, b, c]) {
      for (const user of ['ann', 'bob', 'eve']) await server.join(`/ws?user=${user}`, 'lobby', `${user}'s`);
    }
    const seen: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const body: SessionList = (await a.get<SessionList>(`/admin/sessions?limit=2&after=${after}`)).body;
      expect(body.total).toBe(9);
      expect(body).not.toHaveProperty('instances_missing');
      seen.push(...body.sessions.map(({ id }) => id));
      after = body.next;
    }
    const ids = [a, b, c].flatMap(({ engine }) => [...(engine.mounts.get('chat')?.sessions ?? [])].map(({ id }) => id));
    expect(seen).toEqual(ids.sort());
    expect((await c.get<SessionList>('/admin/sessions?identity=ann')).body.total).toBe(3);
    expect((await c.get<SessionList>("/admin/sessions?room=bob's&identity=ann")).body.total).toBe(0);
    expect((await c.get<SessionList>("/admin/sessions?room=bob's")).body.total).toBe(3);
  });

  test('rooms are one wherever their members are', async () => {
    const { a, b, c } = await three();
    await a.join('/ws', 'lobby', 'attic');
    await b.join('/ws', 'lobby', 'yard');
    await c.join('/ws', 'lobby', 'kitchen');
    expect((await a.get<RoomList>('/admin/rooms?limit=3')).body).toEqual({
      rooms: [
        { id: 'attic', members: 1 },
        { id: 'kitchen', members: 1 },
        { id: 'lobby', members: 3 },
      ],
      total: 4,
      next: 'lobby',
    });
    expect((await a.get<RoomList>('/admin/rooms?limit=3&after=lobby')).body).toEqual({
      rooms: [{ id: 'yard', members: 1 }],
      total: 4,
      next: null,
    });
  });

  test('one session of another instance is disconnected', async () => {
    const { a, b } = await three();
    const client = await b.join('/ws', 'lobby');
    const [session] = b.engine.mounts.get('chat')?.sessions ?? [];
    expect(await a.disconnect({ session: session?.id })).toEqual([200, { disconnected: 1 }]);
    expect(await client.waitForClose()).toMatchObject({ code: 1008 });
  });

  test('one that does not answer is named, and waited for no longer than 2 seconds', async () => {
    const { a, b, c, clock, bus, logger } = await three();
    for (const server of [a, b, c]) await server.join('/ws?user=ann', 'lobby');
    // It hears and says nothing, and has not been silent for long enough to count as gone.
    bus[2].setStatus('down');
    const afterTwoSeconds = async <Value>(asking: Promise<Value>): Promise<Value> => {
      let over = false;
      const asked = asking.finally(() => {
        over = true;
      });
      await eventually(() => clock.pending > 3 || over, 'the question');
      await turns(20);
      expect(over).toBe(false);
      await clock.advance(2000);
      return asked;
    };
    const instances_missing = [{ instance: c.engine.instance, reason: 'no answer' }];
    const sessions = await afterTwoSeconds(a.get<SessionList>('/admin/sessions'));
    expect(sessions.body).toMatchObject({ total: 2, next: null, instances_missing });
    expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', message: 'not every instance answers the admin API' });
    const rooms = await afterTwoSeconds(a.get<RoomList>('/admin/rooms'));
    expect(rooms.body).toMatchObject({ rooms: [{ id: 'lobby', members: 2 }], total: 1, instances_missing });
    expect(await afterTwoSeconds(a.disconnect({ identity: 'ann' }))).toMatchObject([
      503,
      { disconnected: 2, instances_missing },
    ]);
  });

  test('an answer has as many sessions as fit into a message, and the next page goes on there', async () => {
    const { a, b } = await three();
    const rooms = Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(250, '-'));
    for (let clients = 0; clients < 4; clients++) await b.join('/ws', ...rooms);
    const seen: number[] = [];
    let pages = 0;
    for (let after: string | null = ''; after !== null; pages++) {
      const body: SessionList = (await a.get<SessionList>(`/admin/sessions?after=${after}`)).body;
      expect(body.total).toBe(4);
      seen.push(...body.sessions.map((session) => session.rooms.length));
      after = body.next;
    }
    expect(seen).toEqual([100, 100, 100, 100]);
    expect(pages).toBe(2);
    await b.join('/ws?user=ann', ...rooms, ...rooms.map((room) => `x${room}`).slice(0, 50));
    const { body } = await a.get<{ sessions: { rooms: string[]; rooms_not_listed: number }[] }>(
      '/admin/sessions?identity=ann',
    );
    expect(body.sessions[0]?.rooms.length).toBeLessThan(150);
    expect((body.sessions[0]?.rooms.length ?? 0) + (body.sessions[0]?.rooms_not_listed ?? 0)).toBe(150);
  });
});

test('without the token the answer is 401, and 404 where the API is off', async () => {
  const { http } = await start();
  const { http: off } = await start({ on: false });
  for (const [path, method] of [
    ['/admin/sessions', 'GET'],
    ['/admin/rooms', 'GET'],
    ['/admin/disconnect', 'POST'],
  ] as const) {
    const withHeader = (given: string) => ({ method, headers: { authorization: given } });
    expect((await fetch(http + path, { method })).status, path).toBe(401);
    expect((await fetch(http + path, withHeader('Bearer admin-token-0124'))).status).toBe(401);
    expect((await fetch(off + path, withHeader(authorization))).status).toBe(404);
  }
});
