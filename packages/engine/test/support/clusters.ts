import { ManualClock, RecordingLogger } from '@roomcast/testing';
import { onTestFinished } from 'vitest';
import { Cluster, type Fate, MemoryBroker, type MemoryBus } from '../../src/index.js';

export interface TestCluster {
  clock: ManualClock;
  broker: MemoryBroker;
  logger: RecordingLogger;
  /** One more instance. */
  join(instance: string): Promise<Cluster>;
  bus(instance: string): MemoryBus;
  /** What becomes of the messages from now on. */
  fate: (message: { text: string; to: string }) => Fate;
}

/** Instances on one broker whose faults and time are the test's. */
export function testCluster(): TestCluster {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const buses = new Map<string, MemoryBus>();
  const test: TestCluster = {
    clock,
    logger,
    broker: new MemoryBroker({ clock, fate: (message) => test.fate(message) }),
    fate: () => 'deliver',
    bus: (instance) => buses.get(instance) as MemoryBus,
    async join(instance) {
      const bus = test.broker.connect(instance);
      buses.set(instance, bus);
      const cluster = new Cluster({ instance, bus, clock, logger });
      onTestFinished(() => cluster.close());
      await cluster.ready();
      return cluster;
    },
  };
  return test;
}
