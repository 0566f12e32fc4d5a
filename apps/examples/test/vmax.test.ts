import { silentLogger } from '@roomcast/engine';
import { onSources } from '@roomcast/testing';
import { readVmaxEnvironment, startVmaxServer } from '@roomcast/vmax-server';
import { expect, it, onTestFinished } from 'vitest';
import { run } from './support/run.js';

it("vmax/watch.mjs prints check-outs, check-ins and telemetry of the demo's fleet", async () => {
  const server = await startVmaxServer(readVmaxEnvironment({ PORT: '0', DEMO: '1' }), { logger: silentLogger });
  onTestFinished(() => server.close(1000));
  const seen = [
    /^connected as FLEET_MGR, subscribed to fleet:/,
    / goes to \w+ \w+$/,
    / is back after \d+ min$/,
    /: charge \d+(\.\d+)? %, health /,
  ];
  const lines = await run('vmax', {
    command: process.execPath,
    args: [...onSources, 'watch.mjs'],
    env: { VMAX_URL: server.url.replace('http', 'ws') },
    until: (printed) => seen.every((pattern) => printed.some((line) => pattern.test(line))),
  });
  expect(lines.length).toBeGreaterThanOrEqual(seen.length);
});
