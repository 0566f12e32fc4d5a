import { describe, expect, it } from 'vitest';
import { Heartbeat } from '../src/index.js';
import { SleepyClock } from './support/fake-network.js';

function start({ intervalMs = 25_000, timeoutMs = 10_000 } = {}) {
  const clock = new SleepyClock();
  const seen = { beats: 0, dead: 0 };
  const beat = () => {
    seen.beats += 1;
  };
  const heartbeat = new Heartbeat({ intervalMs, timeoutMs, beat }, clock, () => {
    seen.dead += 1;
  });
  heartbeat.start();
  return { clock, seen, heartbeat };
}

describe('a heartbeat', () => {
  it('beats at its interval as long as something comes', async () => {
    const { clock, seen, heartbeat } = start();
    for (let beats = 1; beats <= 4; beats++) {
      await clock.advance(beats === 1 ? 25_000 : 24_900);
      expect(seen).toEqual({ beats, dead: 0 });
      await clock.advance(100);
      heartbeat.received();
    }
  });

  it('does not take what came before it for an answer, nor lets it put it off', async () => {
    const { clock, seen, heartbeat } = start();
    for (let passed = 0; passed < 25_000; passed += 1_000) {
      heartbeat.received();
      await clock.advance(1_000);
    }
    expect(seen.beats).toBe(1);
    await clock.advance(9_999);
    expect(seen.dead).toBe(0);
    await clock.advance(1);
    expect(seen).toEqual({ beats: 1, dead: 1 });
    expect(clock.timers.pending).toBe(0);
  });

  it('beats on time also when the answer was slow', async () => {
    const { clock, seen, heartbeat } = start({ intervalMs: 5_000 });
    await clock.advance(5_000 + 9_000);
    heartbeat.received();
    await clock.advance(0);
    expect(seen.beats).toBe(2);
  });

  it('asks once more after a sleep, in which the answer may have come unread', async () => {
    const { clock, seen, heartbeat } = start();
    await clock.advance(25_000);
    clock.sleep(3_600_000);
    await clock.advance(10_000);
    expect(seen).toEqual({ beats: 2, dead: 0 });
    heartbeat.received();
    await clock.advance(20_000);
    expect(seen.dead).toBe(0);
  });

  it('finds the peer dead after a sleep in one time-out', async () => {
    const { clock, seen } = start();
    await clock.advance(25_000);
    clock.sleep(3_600_000);
    await clock.advance(10_000);
    await clock.advance(10_000);
    expect(seen).toEqual({ beats: 2, dead: 1 });
  });

  it('finds it dead in a background tab too, whose timers come once a minute', async () => {
    const { clock, seen, heartbeat } = start();
    // Each timer is a minute late: most of the time passes without it.
    const late = async (ms: number) => {
      clock.sleep(60_000 - ms);
      await clock.advance(ms);
    };
    await late(25_000);
    heartbeat.received();
    await late(25_000);
    heartbeat.received();
    expect(seen).toEqual({ beats: 2, dead: 0 });
    await late(25_000);
    await late(10_000);
    expect(seen).toEqual({ beats: 4, dead: 0 });
    await late(10_000);
    expect(seen).toEqual({ beats: 4, dead: 1 });
  });

  it('survives a clock that is set back, and still finds a dead peer', async () => {
    const { clock, seen } = start();
    await clock.advance(25_000);
    clock.sleep(-3_600_000);
    await clock.advance(10_000);
    expect(seen.dead).toBe(0);
    await clock.advance(10_000);
    expect(seen.dead).toBe(1);
  });

  it('that is stopped leaves nothing behind', async () => {
    const { clock, seen, heartbeat } = start();
    heartbeat.stop();
    heartbeat.received();
    heartbeat.stop();
    expect(clock.timers.pending).toBe(0);
    await clock.advance(100_000);
    expect(seen).toEqual({ beats: 0, dead: 0 });
  });
});
