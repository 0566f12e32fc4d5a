import type { ClientError, ConnectionState, RaffleClient } from '@roomcast/raffle-client';
import type { Lease } from './shared-client.js';

/** What every hook tells of its client. */
export interface ClientView {
  /** Undefined until the component is mounted, so also on a server. */
  readonly client: RaffleClient | undefined;
  readonly state: ConnectionState;
  readonly isConnected: boolean;
  /** What went wrong last, until the connection is open again. */
  readonly error: ClientError | undefined;
  /** How often events were missed since it was mounted: an effect that depends on it loads the present state again. */
  readonly missed: number;
}

const idle: ClientView = { client: undefined, state: 'idle', isConnected: false, error: undefined, missed: 0 };

/** Begins to follow a client, telling each time what is to be shown. Returns the way to stop. */
export type Follow<Own> = (client: RaffleClient, show: (own: Own) => void) => () => void;

/** What a component sees of a client, in the shape of React's external stores: a client is used while somebody listens. */
export class ClientStore<Own extends object> {
  readonly #idle: ClientView & Own;
  #base: ClientView = idle;
  #own: Own;
  #view: ClientView & Own;

  constructor(
    private readonly initial: Own,
    private readonly lease: () => Lease,
    private readonly follow: Follow<Own>,
  ) {
    this.#idle = { ...idle, ...initial };
    this.#own = initial;
    this.#view = this.#idle;
  }

  readonly view = (): ClientView & Own => this.#view;

  /** On a server, and where its rendering is taken over. */
  readonly serverView = (): ClientView & Own => this.#idle;

  readonly subscribe = (notify: () => void): (() => void) => {
    const { client, release } = this.lease();
    const stops: (() => void)[] = [];
    const stop = () => {
      for (const one of stops) one();
      release();
    };
    this.#own = this.initial;
    this.#show({ ...idle, client, ...stateView(client.state) });
    stops.push(
      client.on('connection', ({ state }) => {
        const { error } = this.#base;
        this.#show({ ...this.#base, ...stateView(state), error: state === 'open' ? undefined : error });
        notify();
      }),
      client.on('error', (error) => {
        this.#show({ ...this.#base, error });
        notify();
      }),
      client.on('missed', () => {
        this.#show({ ...this.#base, missed: this.#base.missed + 1 });
        notify();
      }),
    );
    try {
      // The owner of a client may have closed it: then there is nothing to follow.
      if (client.state !== 'closed') stops.push(this.#follow(client, notify));
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  };

  #follow(client: RaffleClient, notify: () => void): () => void {
    return this.follow(client, (own) => {
      this.#own = own;
      this.#show(this.#base);
      notify();
    });
  }

  #show(base: ClientView): void {
    this.#base = base;
    this.#view = { ...base, ...this.#own };
  }
}

function stateView(state: ConnectionState): Pick<ClientView, 'state' | 'isConnected'> {
  return { state, isConnected: state === 'open' };
}
