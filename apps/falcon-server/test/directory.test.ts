import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, listen, ManualClock } from '@roomcast/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Started, start, told } from './support/server.js';

function fileWith(content: unknown): string {
  const folder = mkdtempSync(join(tmpdir(), 'roomcast-falcon-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'directory.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const roomsOf = async (server: Started, connection: string): Promise<string[]> =>
  (await server.get(`/websocket/connections/${connection}`)).body.rooms;

const codes = async (client: Awaited<ReturnType<Started['client']>>, ...rooms: string[]) => {
  for (const room of rooms) client.send({ type: 'system', data: { action: 'join', room }, id: room });
  const answers = (await told(client)).filter(({ id }) => id !== undefined);
  return answers.map(({ data }) => data.code ?? 'ok');
};

const directory = {
  groups: [
    { id: 'g-1', name: 'Fleet Commanders', members: ['ada'] },
    { id: 'g-2', members: ['ada', 'bob'] },
  ],
  rooms: [
    { id: 'thread:1', members: ['bob'], groups: ['g-1'] },
    { id: 'lobby', everybody: true },
  ],
};

describe('a directory file', () => {
  it('says who is in which groups, and may enter which rooms', async () => {
    const server = await start({ DIRECTORY_FILE: fileWith(directory) });
    const [ada, bob] = [await server.client({ groups: ['of-the-token'] }), await server.client({ user_id: 'bob' })];
    const eve = await server.client({ user_id: 'eve' });
    expect(await roomsOf(server, ada.connection)).toEqual(['user:ada', 'group:g-1', 'group:g-2']);
    expect(await roomsOf(server, bob.connection)).toEqual(['user:bob', 'group:g-2']);
    expect((await server.get('/websocket/rooms/group:g-1')).body.name).toBe('Fleet Commanders');
    expect(await codes(ada, 'thread:1', 'lobby', 'other')).toEqual(['ok', 'ok', 'forbidden_room']);
    expect(await codes(bob, 'thread:1', 'lobby', 'other')).toEqual(['ok', 'ok', 'forbidden_room']);
    expect(await codes(eve, 'thread:1', 'lobby', 'other')).toEqual(['forbidden_room', 'ok', 'forbidden_room']);
  });

  it('is read again when it changes, and everybody is brought in line', async () => {
    const path = fileWith({ ...directory, otherRooms: 'everybody' });
    const server = await start({ DIRECTORY_FILE: path });
    const ada = await server.client();
    expect(await codes(ada, 'thread:1', 'other')).toEqual(['ok', 'ok']);
    writeFileSync(path, JSON.stringify({ groups: [{ id: 'g-3', members: ['ada'] }] }));
    await eventually(async () => (await roomsOf(server, ada.connection)).join() === 'user:ada,group:g-3');
  });

  it.each([
    [{ groups: [{}] }, 'groups.0.id'],
    [{ rooms: [{ id: 'group:g' }] }, 'rooms.0.id'],
    [{ groups: [{ id: 'g' }, { id: 'g' }] }, 'groups.1.id'],
    [{ users: [] }, 'its top level'],
    [{ otherRooms: 'some' }, 'otherRooms'],
  ])('that can’t be used is one line at the start: %j', async (content, where) => {
    const starting = start({ DIRECTORY_FILE: fileWith(content) });
    await expect(starting).rejects.toThrow(new RegExp(`^DIRECTORY_FILE: expected [^\n]*at ${where}: [^\n]+$`));
  });
});

describe('a directory behind HTTP', () => {
  async function backend(answer: (question: Record<string, string>) => [number, unknown]) {
    const asked: Record<string, string>[] = [];
    const http = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const question = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
      asked.push(question);
      const [status, body] = answer(question);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    });
    const listening = await listen(http);
    onTestFinished(() => listening.close());
    return { url: listening.http, asked };
  }

  it('is asked for groups and rooms, and again every 30 s', async () => {
    let groups = [{ id: 'g-1', name: 'One' }];
    let allowed = true;
    const { url, asked } = await backend(({ question }) => [200, question === 'groups' ? { groups } : { allowed }]);
    const clock = new ManualClock(Date.now());
    const server = await start({ DIRECTORY_URL: url }, { clock });
    const ada = await server.client();
    expect(await codes(ada, 'thread:1')).toEqual(['ok']);
    expect(asked).toEqual([
      { question: 'groups', user_id: 'ada' },
      { question: 'room', user_id: 'ada', room: 'thread:1' },
    ]);
    expect(await roomsOf(server, ada.connection)).toEqual(['user:ada', 'group:g-1', 'thread:1']);
    groups = [{ id: 'g-2', name: 'Two' }];
    allowed = false;
    // No answer is remembered: who connects or asks now is told by the new one.
    const tab = await server.client();
    expect(await roomsOf(server, tab.connection)).toEqual(['user:ada', 'group:g-2']);
    expect(await codes(tab, 'thread:1')).toEqual(['forbidden_room']);
    await clock.advance(30_000);
    await eventually(async () => (await roomsOf(server, ada.connection)).join() === 'user:ada,group:g-2');
    expect(await codes(ada, 'thread:1')).toEqual(['forbidden_room']);
  });

  it('that fails lets nobody in anywhere, takes nobody out, and is logged and counted', async () => {
    let status = 500;
    const { url } = await backend(({ question }) => [
      status,
      question === 'groups' ? { groups: [{ id: 'g' }] } : { allowed: true },
    ]);
    const clock = new ManualClock(Date.now());
    const server = await start({ DIRECTORY_URL: url }, { clock });
    const ada = await server.client();
    expect(await roomsOf(server, ada.connection)).toEqual(['user:ada']);
    expect(await codes(ada, 'thread:1')).toEqual(['unavailable']);
    expect(server.logger.lines.map(({ message }) => message)).toContain('the directory gives no answer: denied');
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/directory_failures_total 2/);
    status = 200;
    await clock.advance(30_000);
    await eventually(async () => (await roomsOf(server, ada.connection)).includes('group:g'));
    expect(await codes(ada, 'thread:1')).toEqual(['ok']);
    status = 500;
    await clock.advance(30_000);
    expect(await roomsOf(server, ada.connection)).toEqual(['user:ada', 'group:g', 'thread:1']);
  });
});
