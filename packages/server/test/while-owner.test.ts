import { type Engine, type Fate, MemoryBroker, type MemoryBus } from '@roomcast/engine';
import { runWhileOwner, type WhileOwner } from '@roomcast/server';
import { ManualClock, RecordingLogger, turns } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { quietEngine } from './support/chat.js';

interface Instance {
  name: string;
  engine: Engine;
  bus: MemoryBus;
  owner: WhileOwner;
  log: string[];
}

function setUp() {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  let fate: (to: string, text: string) => Fate = () => 'deliver';
  const broker = new MemoryBroker({ clock, fate: ({ to, text }) => fate(to, text) });
  const instances: Instance[] = [];
  const join = async (name: string, { stopMs = 0, prepareMs = 0, fails = '' } = {}) => {
    const bus = broker.connect(name);
    const engine = quietEngine({ bus, clock });
    onTestFinished(() => engine.close());
    await engine.ready();
    const log: string[] = [];
    const step = (what: string) => () => {
      log.push(what);
      if (fails === what) throw new Error('broken');
    };
    const owner = runWhileOwner(
      {
        start: step('start'),
        stop: async () => {
          if (stopMs > 0) await new Promise<void>((resolve) => clock.after(stopMs, resolve));
          log.push('stop');
        },
      },
      {
        cluster: engine.cluster,
        name: 'feed',
        logger,
        prepare: async () => {
          step('prepare')();
          if (prepareMs > 0) await new Promise<void>((resolve) => clock.after(prepareMs, resolve));
        },
      },
    );
    const instance = { name, engine, bus, owner, log };
    instances.push(instance);
    return instance;
  };
  const running = () => instances.filter(({ log }) => log.at(-1) === 'start').map(({ name }) => name);
  return {
    clock,
    logger,
    join,
    running,
    of: (name: string | undefined) => instances.find((instance) => instance.name === name) as Instance,
    setFate: (decide: typeof fate) => {
      fate = decide;
    },
  };
}

describe('what runs on one instance', () => {
  test('runs on one, after its preparation, and on another within two seconds of a goodbye', async () => {
    const { clock, join, running, of } = setUp();
    for (const name of ['a', 'b', 'c']) await join(name);
    await clock.advance(4000);
    await turns(5);
    const [first] = running();
    expect(running()).toHaveLength(1);
    expect(of(first).log).toEqual(['prepare', 'start']);
    await of(first).engine.close();
    await clock.advance(2000);
    await turns(5);
    expect(of(first).log).toEqual(['prepare', 'start', 'stop']);
    expect(running()).toHaveLength(1);
  });

  test('runs on another within 30 seconds of a death', async () => {
    const { clock, join, running, of, setFate } = setUp();
    await join('a');
    await join('b');
    await clock.advance(4000);
    const [dead = ''] = running();
    const { engine } = of(dead);
    setFate((to, text) => (to === dead || text.includes(engine.instance) ? 'drop' : 'deliver'));
    await clock.advance(29_000);
    await turns(5);
    expect(running()).toEqual(['a', 'b']);
  });

  test('is given up only when it has stopped, so that two never run it for a goodbye', async () => {
    const { clock, join, running, of } = setUp();
    await join('a', { stopMs: 5000 });
    await join('b', { stopMs: 5000 });
    await clock.advance(4000);
    const [first] = running();
    let stopped = false;
    const stopping = of(first)
      .owner.stop()
      .then(() => {
        stopped = true;
      });
    await turns(5);
    await clock.advance(4900);
    expect(stopped).toBe(false);
    expect(running()).toEqual([first]);
    await clock.advance(2000);
    await stopping;
    expect(running()).toHaveLength(1);
    expect(running()).not.toEqual([first]);
  });

  test('starts though its preparation fails, and is said so', async () => {
    const { clock, join, running, logger } = setUp();
    await join('a', { fails: 'prepare' });
    await clock.advance(4000);
    expect(running()).toEqual(['a']);
    expect(logger.lines).toMatchObject([{ level: 'error' }]);
  });

  test('does not start where it was lost while it was prepared for', async () => {
    const { clock, join } = setUp();
    const { engine, log } = await join('a', { prepareMs: 3000 });
    await clock.advance(4000);
    await engine.close();
    await clock.advance(10_000);
    await turns(5);
    expect(log).toEqual(['prepare', 'stop']);
  });

  test('that fails to start is logged, and can still be stopped', async () => {
    const { clock, join, logger } = setUp();
    const { owner, log } = await join('a', { fails: 'start' });
    await clock.advance(4000);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { name: 'feed' } }]);
    await owner.stop();
    expect(log).toEqual(['prepare', 'start', 'stop']);
  });

  test('runs at once where there is no bus', async () => {
    const engine = quietEngine();
    const log: string[] = [];
    const runnable = { start: () => log.push('start'), stop: () => log.push('stop') };
    const owner = runWhileOwner(runnable, { cluster: engine.cluster, name: 'feed', logger: new RecordingLogger() });
    await turns(2);
    expect(log).toEqual(['start']);
    await owner.stop();
    expect(log).toEqual(['start', 'stop']);
  });
});
