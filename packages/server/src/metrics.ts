import type { Engine, EngineStats, MountStats } from '@roomcast/engine';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export interface MetricsOptions {
  /** Memory, processor, event loop and garbage collection of the process as well. @default true */
  process?: boolean;
}

/** What a server measures. Add your own to `registry`. */
export interface Metrics {
  readonly registry: Registry;
  /** Answered HTTP requests, by `status`. */
  readonly httpRequests: Counter<'status'>;
  /** Answers of the publish API, by `gateway` and `status`. */
  readonly publishRequests: Counter<'gateway' | 'status'>;
  /** Bodies that came over the bus to be published, by `gateway` and `outcome`: published, refused, dropped. */
  readonly busPublishes: Counter<'gateway' | 'outcome'>;
  /** Questions that the directory could not answer and that were therefore denied. */
  readonly directoryFailures: Counter;
}

type Numeric<Stats> = { [Key in keyof Stats]: Stats[Key] extends number ? Key : never }[keyof Stats];

const ofEngine: readonly (readonly [string, string, (stats: EngineStats) => number])[] = [
  ['members', 'Instances that hear each other, this one included.', (stats) => stats.members],
  ['bus_up', '1 while the bus is connected.', (stats) => (stats.bus === 'up' ? 1 : 0)],
  ['draining', '1 while the server is letting its sessions go.', (stats) => (stats.draining ? 1 : 0)],
  ['connections', 'Connections, those in the handshake included.', (stats) => stats.sessions],
  ['queued_bytes', 'Bytes that wait for slow readers, shared frames counted once.', (stats) => stats.queuedBytes],
  ['blocked_sessions', 'Sessions whose socket takes no data at the moment.', (stats) => stats.blockedSessions],
];

const ofMount: readonly (readonly [string, string, Numeric<MountStats>])[] = [
  ['sessions', 'Open sessions.', 'sessions'],
  ['rooms', 'Rooms with at least one member.', 'rooms'],
  ['topics', 'Topics this instance is subscribed to.', 'topics'],
];

const countedByMount: readonly (readonly [string, string, Numeric<MountStats>])[] = [
  ['sessions_opened_total', 'Sessions ever opened.', 'opened'],
  ['messages_received_total', 'Messages received from clients.', 'received'],
  ['frames_delivered_total', 'Frames queued for sessions.', 'delivered'],
  ['events_published_total', 'Events that reached this instance.', 'published'],
  ['frames_dropped_total', 'Frames thrown away for slow sessions.', 'dropped'],
  ['events_missed_total', 'Events of other instances that were lost on the bus.', 'missed'],
  ['bus_messages_ignored_total', 'Messages on the bus that were none of ours, or came twice.', 'ignored'],
  ['handler_failures_total', 'Handlers that threw or rejected.', 'failures'],
];

/** A registry of its own, filled from `engine.stats()` whenever it is read. All names begin with `roomcast_`. */
export function createMetrics(engine: Pick<Engine, 'stats'>, options: MetricsOptions = {}): Metrics {
  const registry = new Registry();
  const registers = [registry];
  for (const [name, help, read] of ofEngine) {
    new Gauge({
      name: `roomcast_${name}`,
      help,
      registers,
      collect() {
        this.set(read(engine.stats()));
      },
    });
  }
  new Counter({
    name: 'roomcast_cluster_messages_ignored_total',
    help: 'Messages between instances, other than events, that were none of ours or of another version.',
    registers,
    collect() {
      // The engine counts; here its count is copied.
      this.reset();
      this.inc(engine.stats().ignored);
    },
  });
  for (const [name, help, key] of ofMount) {
    new Gauge({
      name: `roomcast_${name}`,
      help,
      labelNames: ['mount'],
      registers,
      collect() {
        for (const mount of engine.stats().mounts) this.set({ mount: mount.name }, mount[key]);
      },
    });
  }
  for (const [name, help, key] of countedByMount) {
    new Counter({
      name: `roomcast_${name}`,
      help,
      labelNames: ['mount'],
      registers,
      collect() {
        // The engine counts; here its counts are copied.
        this.reset();
        for (const mount of engine.stats().mounts) this.inc({ mount: mount.name }, mount[key]);
      },
    });
  }
  countByLabel(engine, registry, 'upgrades_refused_total', 'Upgrades refused, by HTTP status.', 'status', 'refused');
  countByLabel(engine, registry, 'sessions_closed_total', 'Sessions closed, by close code.', 'code', 'closed');
  if (options.process ?? true) collectDefaultMetrics({ register: registry });
  return {
    registry,
    httpRequests: new Counter({
      name: 'roomcast_http_requests_total',
      help: 'Answered HTTP requests, by status.',
      labelNames: ['status'],
      registers,
    }),
    publishRequests: new Counter({
      name: 'roomcast_publish_requests_total',
      help: 'Answers of the publish API, by gateway and status.',
      labelNames: ['gateway', 'status'],
      registers,
    }),
    busPublishes: new Counter({
      name: 'roomcast_bus_publishes_total',
      help: 'Bodies that came over the bus to be published, by outcome.',
      labelNames: ['gateway', 'outcome'],
      registers,
    }),
    directoryFailures: new Counter({
      name: 'roomcast_directory_failures_total',
      help: 'Questions that the directory could not answer.',
      registers,
    }),
  };
}

function countByLabel(
  engine: Pick<Engine, 'stats'>,
  registry: Registry,
  name: string,
  help: string,
  label: string,
  key: 'refused' | 'closed',
): void {
  new Counter({
    name: `roomcast_${name}`,
    help,
    labelNames: ['mount', label],
    registers: [registry],
    collect() {
      this.reset();
      for (const mount of engine.stats().mounts) {
        for (const [value, count] of Object.entries(mount[key])) {
          this.inc({ mount: mount.name, [label]: value }, count);
        }
      }
    },
  });
}
