import type { Metrics } from '../../services/metrics.js';
import { parseMetrics } from '../../services/metrics.js';
import { bearer, request } from '../../services/request.js';

/** How a service is: whether it answers, and whether it says that it is in order. */
export type Health = 'unknown' | 'ready' | 'not-ready' | 'unreachable';

/** What the operations view shows of one service. */
export interface Vitals {
  readonly health: Health;
  /** What is not in order, for people. */
  readonly troubles: readonly string[];
  /** Undefined where they cannot be had. */
  readonly figures: Figures | undefined;
}

/** From `/metrics`. */
export interface Figures {
  readonly instances: number;
  readonly connections: number;
  readonly rooms: number;
  readonly deliveriesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly queuedBytes: number;
  readonly blocked: number;
  readonly dropped: number;
  readonly missed: number;
}

export const noVitals: Vitals = { health: 'unknown', troubles: [], figures: undefined };

/** The counters of the last reading, from which the rates follow. */
interface Reading {
  readonly at: number;
  readonly delivered: number;
  readonly published: number;
}

/** Takes a service's vitals again and again. */
export class VitalsReader {
  #last: Reading | undefined;

  async read(httpBase: string, metricsToken: string): Promise<Vitals> {
    try {
      const init = metricsToken === '' ? {} : { headers: bearer(metricsToken) };
      const [ready, metrics] = await Promise.all([request(`${httpBase}/readyz`), request(`${httpBase}/metrics`, init)]);
      const isTold = metrics.status === 200;
      return {
        health: ready.status === 200 ? 'ready' : 'not-ready',
        troubles: [...troublesOf(ready.body), ...(isTold ? [] : [refusalOf(metrics.status)])],
        figures: isTold ? this.#figures(parseMetrics(String(metrics.body))) : undefined,
      };
    } catch {
      this.#last = undefined;
      return { ...noVitals, health: 'unreachable' };
    }
  }

  #figures(metrics: Metrics): Figures {
    const figure = (name: string) => metrics.get(`roomcast_${name}`) ?? 0;
    const reading: Reading = {
      at: performance.now(),
      delivered: figure('frames_delivered_total'),
      published: figure('events_published_total'),
    };
    const before = this.#last ?? reading;
    this.#last = reading;
    const seconds = (reading.at - before.at) / 1000;
    // A counter that went down is another process's: the server was restarted.
    const perSecond = (now: number, then: number) => (seconds > 0 && now >= then ? (now - then) / seconds : 0);
    return {
      instances: figure('members'),
      connections: figure('connections'),
      rooms: figure('rooms'),
      deliveriesPerSecond: perSecond(reading.delivered, before.delivered),
      eventsPerSecond: perSecond(reading.published, before.published),
      queuedBytes: figure('queued_bytes'),
      blocked: figure('blocked_sessions'),
      dropped: figure('frames_dropped_total'),
      missed: figure('events_missed_total'),
    };
  }
}

function refusalOf(status: number): string {
  return status === 401
    ? 'its figures want a token: enter its METRICS_TOKEN in the connection settings'
    : `no figures: /metrics answers with HTTP ${status}`;
}

function troublesOf(body: unknown): string[] {
  const parts: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'parts') : undefined;
  if (typeof parts !== 'object' || parts === null) return [];
  return Object.entries(parts).flatMap(([part, state]) => (state === 'ok' ? [] : [`${part}: ${String(state)}`]));
}
