import { ManualClock } from '@roomcast/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { differences, notApplicable } from './differences.js';
import { recordedServer } from './support/recorded-server.js';
import { replay, type Stage } from './support/replay.js';
import { recorded, type TraceLine, traceLines } from './support/trace.js';

const applicable = traceLines.filter(({ scenario }) => !notApplicable.some((entry) => entry.scenario.test(scenario)));

function differencesOf({ scenario, stack }: TraceLine) {
  return differences.filter((entry) => entry.scenario.test(scenario) && entry.stack.test(stack));
}

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
  it.each(applicable)('line $line: $scenario ($stack)', async (line) => {
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
  it('covers every line once, in numbers', () => {
    const listed = applicable.filter((line) => differencesOf(line).length > 0);
    expect({
      lines: traceLines.length,
      replayed: applicable.length,
      agreeing: applicable.length - listed.length,
      listed: listed.length,
      notApplicable: traceLines.length - applicable.length,
    }).toEqual({ lines: 527, replayed: 503, agreeing: 451, listed: 52, notApplicable: 24 });
  });

  it.each([...differences, ...notApplicable])('$id shows in a trace', ({ scenario }) => {
    expect(traceLines.some((line) => scenario.test(line.scenario))).toBe(true);
  });
});
