import { BusDownError } from '../../errors.js';
import type { BrokerConnection } from './broker.js';
import { InFlight } from './in-flight.js';
import type { BrokerBusOptions } from './options.js';

/** One connection in use, and what ends with it. */
export class Link<Connection extends BrokerConnection = BrokerConnection> {
  readonly inFlight: InFlight;
  /** Resolves with why the connection can not be used any more. */
  readonly lost: Promise<Error>;
  #state: 'alive' | 'lost' = 'alive';
  #tellLost: (cause: Error) => void = () => {};
  /** When the ping that is on its way was sent; null where none is. */
  #pingedAt: number | null = null;
  #answeredAt: number;

  constructor(
    readonly connection: Connection,
    readonly broker: string,
    readonly options: Required<BrokerBusOptions>,
    /** Told first of all that the connection is lost. */
    readonly onLost: (cause: Error) => void,
  ) {
    this.inFlight = new InFlight(options, broker);
    this.#answeredAt = options.clock.now();
    this.lost = new Promise((resolve) => {
      this.#tellLost = resolve;
    });
  }

  get isLost(): boolean {
    return this.#state === 'lost';
  }

  /** Lets go of the connection. What was on its way is rejected. */
  lose(cause: Error): void {
    if (this.#state === 'lost') return;
    this.#state = 'lost';
    this.onLost(cause);
    this.inFlight.abandon(cause);
    this.connection.close();
    this.#tellLost(cause);
  }

  /** Looks at the deadlines. */
  tick(now: number): void {
    const { pingIntervalMs, replyTimeoutMs } = this.options;
    this.inFlight.expire();
    if (this.#pingedAt === null) {
      if (now - this.#answeredAt >= pingIntervalMs) this.#ping(now);
    } else if (now - this.#pingedAt >= replyTimeoutMs) {
      this.lose(new BusDownError(`${this.broker} has not answered for ${replyTimeoutMs} ms`));
    }
  }

  #ping(now: number): void {
    this.#pingedAt = now;
    this.connection.ping().then(
      () => {
        this.#pingedAt = null;
        this.#answeredAt = this.options.clock.now();
      },
      (error: Error) => this.lose(error),
    );
  }
}
