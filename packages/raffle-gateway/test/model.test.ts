import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { play, someCommands } from './support/model.js';
import { startGateway, stopAll } from './support/server.js';

afterEach(stopAll);

it('a server tells everybody what the specification says, whatever they do', async () => {
  const server = await startGateway(
    { maxConnectionsPerIdentity: 100, maxAuthsPerMinute: 1000 },
    { maxConnectsPerIpPerMinute: 1e9 },
  );
  await fc.assert(
    fc.asyncProperty(someCommands, (commands) => play(server, commands)),
    { numRuns: 60 },
  );
  expect(server.logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
});
