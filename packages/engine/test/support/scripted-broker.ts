import { ManualClock, RecordingLogger } from '@roomcast/testing';
import { onTestFinished } from 'vitest';
import {
  type Broker,
  BrokerBus,
  type BrokerBusOptions,
  type BrokerConnection,
  type Channel,
  type ConnectionEvents,
} from '../../src/index.js';

type Settle = { resolve(): void; reject(error: Error): void };

/** A connection whose every answer is the test's. */
export class ScriptedConnection implements BrokerConnection {
  readonly published: (Settle & { topic: string; message: string })[] = [];
  readonly asked: (Settle & { names: string[] })[] = [];
  readonly unsubscribed: string[] = [];
  readonly pings: Settle[] = [];
  isClosed = false;

  constructor(readonly events: ConnectionEvents) {}

  publish(topic: string, message: string): Promise<void> {
    return new Promise((resolve, reject) => this.published.push({ topic, message, resolve, reject }));
  }

  subscribe(channels: readonly Channel[]): Promise<void> {
    const names = channels.map(({ name }) => name);
    return new Promise((resolve, reject) => this.asked.push({ names, resolve, reject }));
  }

  unsubscribe({ name }: Channel): void {
    this.unsubscribed.push(name);
  }

  ping(): Promise<void> {
    return new Promise((resolve, reject) => this.pings.push({ resolve, reject }));
  }

  close(): void {
    this.isClosed = true;
    for (const { reject } of [...this.asked, ...this.published, ...this.pings]) reject(new Error('closed'));
  }
}

/** A broker that lets connections through one by one. */
export class ScriptedBroker implements Broker<ScriptedConnection> {
  readonly name = 'the broker';
  readonly connections: ScriptedConnection[] = [];
  readonly attempts: { events: ConnectionEvents; accept(): ScriptedConnection; refuse(error: Error): void }[] = [];

  connect(events: ConnectionEvents): Promise<ScriptedConnection> {
    return new Promise((resolve, reject) => {
      const accept = () => {
        const connection = new ScriptedConnection(events);
        this.connections.push(connection);
        resolve(connection);
        return connection;
      };
      this.attempts.push({ events, accept, refuse: reject });
    });
  }
}

export function scriptedBus(options: BrokerBusOptions = {}) {
  const [broker, clock, logger] = [new ScriptedBroker(), new ManualClock(), new RecordingLogger()];
  const bus = new BrokerBus(broker, { clock, logger, ...options });
  onTestFinished(() => void bus.close());
  const statuses: string[] = [];
  bus.onStatus((status) => statuses.push(status));
  return { broker, connections: broker.connections, clock, logger, bus, statuses };
}
