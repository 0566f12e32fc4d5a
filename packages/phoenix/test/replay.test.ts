import { ManualClock } from '@roomcast/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applicableLines, differences, differencesOf, notApplicable } from './differences.js';
import { recordedServer } from './support/recorded-server.js';
import { replay, type Stage } from './support/replay.js';
import { recorded, type TraceLine, traceLines } from './support/trace.js';

let stage: Stage;

beforeAll(async () => {
  const clock = new ManualClock();
  stage = { clock, server: await recordedServer(clock) };
});

afterAll(() => stage.server.close());

/** A shutdown ends the server, so that each has its own, with the machine's time. */
async function run(line: TraceLine) {
  if (!line.scenario.startsWith('graceful shutdown')) return replay(line, stage);
  const own = { clock: new ManualClock(), server: await recordedServer() };
  try {
    return await replay(line, own);
  } finally {
    await own.server.close();
  }
}

describe('the recorded servers', () => {
  it.each(applicableLines)('line $line: $scenario ($stack)', async (line) => {
    const [difference, ...more] = differencesOf(line);
    const observed = await run(line);
    if (difference === undefined) {
      expect(observed).toEqual(recorded(line));
      return;
    }
    expect(observed, `"${difference.id}" is listed as a difference, but there is none`).not.toEqual(recorded(line));
    for (const entry of [difference, ...more]) expect(observed, entry.id).toEqual(entry.instead(line));
  });
});

describe('the list of differences', () => {
  it.each([...differences, ...notApplicable])('$id shows in a trace', ({ scenario }) => {
    expect(traceLines.some((line) => scenario.test(line.scenario))).toBe(true);
  });
});
