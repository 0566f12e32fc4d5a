/**
 * What a mount counts since the process started. Every field is a number that only grows, so that a metrics
 * collector can take the difference of two readings.
 */
export class Counters {
  /** Sessions ever opened. */
  opened = 0;
  /** Messages received from clients. */
  received = 0;
  /** Frames queued for a session: one event to a room of 1000 counts 1000. */
  delivered = 0;
  /** Events that reached this instance, from its own application or over the bus. */
  published = 0;
  /** Frames thrown away for a slow session, by the class of their event. */
  dropped = 0;
  /** Events that another instance published and this one did not get. */
  missed = 0;
  /** Messages on the bus that were no publication of ours, or came twice. */
  ignored = 0;
  /** Handlers that threw or rejected. */
  failures = 0;
  /** Upgrades refused, by HTTP status. */
  readonly refused = new Map<number, number>();
  /** Sessions closed, by WebSocket close code. */
  readonly closed = new Map<number, number>();

  countRefused(status: number): void {
    this.refused.set(status, (this.refused.get(status) ?? 0) + 1);
  }

  countClosed(code: number): void {
    this.closed.set(code, (this.closed.get(code) ?? 0) + 1);
  }
}

/** What `mount.stats()` answers: the counters and what is there now. */
export interface MountStats {
  name: string;
  sessions: number;
  rooms: number;
  /** Topics this instance is subscribed to. */
  topics: number;
  opened: number;
  received: number;
  delivered: number;
  published: number;
  dropped: number;
  missed: number;
  ignored: number;
  failures: number;
  refused: Record<string, number>;
  closed: Record<string, number>;
}

/** What `engine.stats()` answers. */
export interface EngineStats {
  instance: string;
  /** Instances that can hear each other, this one included. */
  members: number;
  bus: 'up' | 'down';
  draining: boolean;
  sessions: number;
  /** Messages between instances, other than events, that were none of ours or of another version. */
  ignored: number;
  /** Bytes that wait for slow readers, frames shared by several sessions counted once. */
  queuedBytes: number;
  /** Sessions whose socket does not take data at the moment. */
  blockedSessions: number;
  mounts: MountStats[];
}
