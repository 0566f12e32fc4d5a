import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { play, someCommands } from './support/model.js';
import { startCluster, stopAll } from './support/server.js';

afterEach(stopAll);

it('rooms and presence are what the protocol says after anything that happens on two instances', async () => {
  await fc.assert(
    fc.asyncProperty(someCommands, async (commands) => {
      await play(commands);
      await stopAll();
    }),
    { numRuns: 25 },
  );
});

it('the two instances of a test hear each other', async () => {
  const { servers } = await startCluster(2);
  expect(servers.map(({ engine }) => engine.stats().members)).toEqual([2, 2]);
});
