import type { Engine, MountStats, Share, Stop } from '@roomcast/engine';
import type { StatusAnswer } from '@roomcast/falcon-protocol';

/** What one instance has done. */
interface Done {
  readonly opened: number;
  readonly active: number;
  readonly received: number;
  readonly delivered: number;
  /** When the last connection came, in milliseconds since the epoch; 0: none has. */
  readonly last: number;
}

/** How often what the others read is brought up to date, at most, in milliseconds. */
const shareEveryMs = 1000;
const key = 'done';

export interface FiguresHost {
  stats(): Pick<MountStats, 'opened' | 'sessions' | 'received' | 'delivered'>;
  /** Rooms with a member on some instance. */
  rooms(): number;
}

/** What `GET /websocket/status` tells: this instance's figures as they are, those of the others about a second old. */
export class Figures {
  readonly #share: Share<Done>;
  #last = 0;
  readonly #stop: Stop;

  constructor(
    readonly engine: Engine,
    name: string,
    readonly host: FiguresHost,
  ) {
    this.#share = engine.cluster.share<Done>(`${name}.figures`);
    this.#stop = engine.options.clock.every(shareEveryMs, () => this.#tell());
  }

  /** A connection has come. */
  opened(): void {
    this.#last = this.engine.options.clock.now();
  }

  /** Connections on all instances. */
  active(): number {
    return this.#all().reduce((sum, { active }) => sum + active, 0);
  }

  read(): StatusAnswer {
    const all = this.#all();
    const sum = (field: keyof Done) => all.reduce((total, one) => total + one[field], 0);
    const last = Math.max(...all.map((one) => one.last));
    const isHealthy = this.engine.stats().bus === 'up';
    return {
      module: 'websocket',
      status: isHealthy ? 'healthy' : 'unhealthy',
      stats: {
        total_connections: sum('opened'),
        active_connections: sum('active'),
        total_rooms: this.host.rooms(),
        messages_processed: sum('received'),
        messages_broadcast: sum('delivered'),
        last_connection_time: last === 0 ? null : new Date(last).toISOString(),
      },
      message: isHealthy ? 'The WebSocket service is running' : 'The bus between the instances is down',
    };
  }

  #all(): Done[] {
    const shared = this.#share.own(key);
    return [this.#own(), ...[...this.#share.values(key)].filter((done) => done !== shared)];
  }

  #own(): Done {
    const { opened, sessions, received, delivered } = this.host.stats();
    return { opened, active: sessions, received, delivered, last: this.#last };
  }

  #tell(): void {
    // Of a server that shuts down the others keep what it told last, until it is gone.
    if (this.engine.draining) this.#stop();
    const own = this.#own();
    const before = this.#share.own(key);
    const fields = Object.keys(own) as (keyof Done)[];
    if (before === undefined || fields.some((field) => before[field] !== own[field])) this.#share.set(key, own);
  }
}
