import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { onSources } from '@roomcast/testing';
import { expect, test } from 'vitest';

const home = fileURLToPath(new URL('..', import.meta.url));

test('every client and the page are within their budgets', async () => {
  const args = [...onSources, 'scripts/sizes.ts'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: home }).catch((error) => {
    throw new Error(error.stdout); // What size-limit said.
  });
  for (const client of ['killmails', 'falcon', 'spywatcher', 'raffle', 'vmax']) {
    expect(stdout).toContain(`${client}-client, beyond`);
  }
});
