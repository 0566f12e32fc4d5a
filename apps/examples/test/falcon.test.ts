import { silentLogger } from '@roomcast/engine';
import { readFalconEnvironment, startFalconServer } from '@roomcast/falcon-server';
import { onSources } from '@roomcast/testing';
import { expect, it, onTestFinished } from 'vitest';
import { run } from './support/run.js';

it('falcon/watch.mjs prints what is said, who is around, and what is for everybody', async () => {
  const server = await startFalconServer(readFalconEnvironment({ PORT: '0', DEMO: '1' }), { logger: silentLogger });
  onTestFinished(() => server.close(1000));
  const seen = [
    /^connected as [0-9a-f-]{36}, in user:[0-9a-f-]{36}, .*thread:welcome/,
    /Z watch\.mjs: Hello!$/,
    / is online$/,
    /Z [A-Z]\w+ \w+: /,
    /^for everybody: Eve time is /,
  ];
  const lines = await run('falcon', {
    command: process.execPath,
    args: [...onSources, 'watch.mjs'],
    env: { FALCON_URL: server.url.replace('http', 'ws') },
    until: (printed) => seen.every((pattern) => printed.some((line) => pattern.test(line))),
  });
  expect(lines.length).toBeGreaterThanOrEqual(seen.length);
});
