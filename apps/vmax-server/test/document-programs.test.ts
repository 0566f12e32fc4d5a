import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasDocument, programOf, runUntil, startOnDocumentedPort } from './support/programs.js';

/*
 * The two complete programs of the API's document, unmodified, against a demonstration server. They have the port in
 * their text: this is the one suite that does not use a free one.
 */

const missing = (process.env.ROOMCAST_MISSING ?? '').split(',');
const hasPython = !missing.includes('python3-websockets') && !missing.includes('python3-requests');
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
// Node.js 20 has WebSocket only where it is asked for.
const webSocket = globalThis.WebSocket === undefined ? ['--experimental-websocket'] : [];

const fleetId = 'fleet-paintball-paradise';
const regulator = { regulatorId: 'reg-uuid', barcode: 'VMAX-0999' };
const events = [
  {
    type: 'REGULATOR_CHECKED_OUT',
    payload: { ...regulator, firstName: 'John', lastName: 'Doe', checkoutDateTime: '2026-01-16T12:05:00.000Z' },
  },
  {
    type: 'REGULATOR_CHECKED_IN',
    payload: { ...regulator, checkinDateTime: '2026-01-16T14:30:00.000Z', durationMinutes: 145, newStatus: 'CHARGING' },
  },
  {
    type: 'TELEMETRY_RECEIVED',
    payload: { regulatorId: 'reg-uuid', timestamp: '2026-01-16T12:10:00.000Z', soc: 85, soh: 95 },
  },
  {
    type: 'TELEMETRY_RECEIVED',
    payload: {
      regulatorId: 'reg-uuid',
      recordsUploaded: 12,
      latestTimestamp: '2026-01-16T12:10:00.000Z',
      latestSoc: 71,
      latestSoh: 95,
    },
  },
].map((event) => ({ fleetId, ...event }));

async function expectToRun(command: readonly [string, ...string[]], patterns: readonly RegExp[]): Promise<void> {
  const server = await startOnDocumentedPort();
  const published: Promise<unknown>[] = [];
  await runUntil(command, patterns, (line) => {
    if (line.startsWith('Connected as:')) published.push(server.publish(events));
  });
  expect(await Promise.all(published)).toMatchObject([{ status: 202 }]);
}

describe.skipIf(!hasDocument)("the document's complete programs", () => {
  test('in TypeScript: log in, connect, and print what happens', async () => {
    const program = programOf('typescript', 'ts');
    await expectToRun(
      [process.execPath, ...webSocket, '--import', 'tsx', program],
      [
        /^WebSocket connected$/,
        /^Connected as: user-manager$/,
        /^Auto-subscribed to: \[ 'fleet:fleet-paintball-paradise' \]$/,
        /^Regulator VMAX-0999 checked out to John Doe$/,
        /^Regulator VMAX-0999 returned after 145 minutes$/,
        /^Telemetry for reg-uuid: SOC=85%$/,
        /^Telemetry for reg-uuid: SOC=71%$/,
        // What follows comes from the demo feed.
        /^Regulator VMAX-000\d checked out to \w+ \w+$/,
        /^Regulator VMAX-000\d returned after \d+ minutes$/,
        /^Telemetry for reg-000\d: SOC=\d+%$/,
      ],
    );
  }, 150_000);

  test.skipIf(!hasPython)(
    'in Python: log in, connect, and print what happens',
    async () => {
      const program = programOf('python', 'py');
      await expectToRun(
        [python, '-u', program],
        [
          /^WebSocket connected$/,
          /^Connected as: user-manager$/,
          /^Subscriptions: \['fleet:fleet-paintball-paradise'\]$/,
          /^Regulator VMAX-0999 checked out to John Doe$/,
          /^Regulator VMAX-0999 returned after 145 minutes$/,
          /^Telemetry: SOC=85%$/,
          /^Telemetry: SOC=71%$/,
          /^Regulator VMAX-000\d checked out to \w+ \w+$/,
        ],
      );
    },
    150_000,
  );
});
