import { existsSync, readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import { eventually } from '@roomcast/testing';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { start } from './support/server.js';

/** The API's document lies beside the repository where it is developed; it is no part of it. */
const document = new URL('../../../../shared/contract/seeds/raffle.md', import.meta.url);

/** The program that the document shows for browsers: the first of its JavaScript examples. */
function program(): string {
  const [, text] = /```javascript\n(.*?)```/s.exec(readFileSync(document, 'utf8')) ?? [];
  if (text === undefined) throw new Error('the document shows no JavaScript program');
  return text;
}

/** What the program finds in a browser, and what became of it. */
function browser(token: string, serverUrl: string) {
  const seen = { urls: [] as string[], boxes: [] as unknown[], completed: [] as unknown[], logged: [] as unknown[][] };
  const sockets: WebSocket[] = [];
  const everyMs = new Map<number, () => void>();
  /** Connects to the server of this test instead of the one on the port that the document names. */
  class Rerouted extends WebSocket {
    constructor(url: string) {
      super(serverUrl);
      seen.urls.push(url);
      sockets.push(this);
    }
  }
  const globals = {
    WebSocket: Rerouted,
    localStorage: { getItem: (name: string) => (name === 'jwt_token' ? token : null) },
    console: {
      log: (...line: unknown[]) => seen.logged.push(line),
      error: (...line: unknown[]) => seen.logged.push(line),
    },
    setInterval: (run: () => void, ms: number) => everyMs.set(ms, run),
    updateRaffleGrid: (data: unknown) => seen.boxes.push(data),
    showRaffleCompleted: (data: unknown) => seen.completed.push(data),
    showWinners: () => {},
  };
  onTestFinished(() => {
    for (const socket of sockets) socket.terminate();
  });
  return { seen, globals, sockets, everyMs };
}

test.skipIf(!existsSync(document))('the browser program of the document works as it is', async () => {
  const server = await start();
  const { seen, globals, sockets, everyMs } = browser(
    await server.token('alice'),
    `${server.url.replace('http', 'ws')}/ws`,
  );
  runInContext(program(), createContext(globals));
  expect(seen.urls).toEqual(['ws://localhost:8080/ws']);
  await eventually(async () => (await server.stats()) as object, 'the server');
  await eventually(() => seen.boxes.length >= 2, 'boxes of the current raffle');
  expect(seen.boxes[0]).toMatchObject({ raffle_id: 'current-raffle-id', box_number: expect.any(Number) });
  expect(await server.stats()).toMatchObject({ total_connections: 1, authenticated_connections: 1 });

  const data = {
    raffle_id: 'current-raffle-id',
    item_id: 'i-1',
    total_boxes: 10,
    completed_at: '2024-01-15T12:00:00Z',
  };
  await server.publish({ message_type: 'raffle_full', data });
  await eventually(() => seen.completed.length >= 1, 'the end of the raffle');
  expect(seen.completed).toContainEqual(data);

  expect([...everyMs.keys()]).toEqual([30_000]);
  everyMs.get(30_000)?.();
  await eventually(() => seen.logged.some(([line]) => line === 'Pong received'), 'the pong');
  for (const socket of sockets) socket.close();
  await eventually(() => seen.logged.some(([line]) => line === 'WebSocket disconnected'), 'the close');
  expect(seen.logged.map(([line]) => line)).not.toContain('Unknown message type:');
  expect(seen.logged.map(([line]) => line)).not.toContain('WebSocket error:');
});
