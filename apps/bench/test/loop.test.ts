import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, test } from 'vitest';
import { watchLoop } from '../src/servers/loop.js';

const heldMs = 40;

test('a loop that is held is seen, and forgotten with the next connection', async () => {
  const server = new EventEmitter();
  const hold = watchLoop(server as unknown as Server);
  const sleep = () => new Promise((resolve) => setTimeout(resolve, 5));
  await sleep();
  const end = performance.now() + heldMs;
  while (performance.now() < end);
  await sleep();
  expect(hold().longest).toBeGreaterThan(heldMs / 2);
  server.emit('connection');
  expect(hold().longest).toBe(0);
});
