import {
  type ClientError,
  type ConnectionState,
  type Lease,
  type Room,
  type SpywatcherClient,
  SubscriptionDeniedError,
} from '@roomcast/spywatcher-client';

/** What every hook tells of its client. */
export interface ClientView {
  /** Undefined until the component is mounted, so also on a server, and while there is no guild. */
  readonly client: SpywatcherClient | undefined;
  readonly state: ConnectionState;
  readonly isConnected: boolean;
  /** What went wrong last, until the connection is open again. A refusal of another guild is none of this component. */
  readonly error: ClientError | undefined;
  /**
   * How often the server has lost events of this guild since the component was mounted: what was loaded from elsewhere
   * should be loaded again whenever it is another number.
   */
  readonly missed: number;
}

const idle: ClientView = { client: undefined, state: 'idle', isConnected: false, error: undefined, missed: 0 };

/** What a component follows. */
export interface Following<Own> {
  readonly room: Room;
  /** Uses a client. */
  lease(): Lease;
  /** Begins to follow, telling each time what is to be shown. Returns the way to stop. */
  follow(client: SpywatcherClient, show: (own: Own) => void): () => void;
}

/** What a component sees of a client, in the shape of React's external stores: a client is used while somebody listens. */
export class ClientStore<Own extends object> {
  #base: ClientView = idle;
  #own: Own;
  #view: ClientView & Own;

  /** @param following undefined where there is nothing to follow yet */
  constructor(
    private readonly initial: Own,
    private readonly following: Following<Own> | undefined,
  ) {
    this.#own = initial;
    this.#view = { ...idle, ...initial };
  }

  /** Idle until somebody listens, so on a server, and where its rendering is taken over, too. */
  readonly view = (): ClientView & Own => this.#view;

  readonly subscribe = (notify: () => void): (() => void) => {
    const { following } = this;
    if (following === undefined) return () => {};
    const { client, release } = following.lease();
    const stops: (() => void)[] = [];
    const stop = () => {
      for (const one of stops) one();
      release();
    };
    const { room } = following;
    this.#own = this.initial;
    const denial = client.denials.find((error) => concerns(error, room));
    this.#show({ ...idle, client, ...stateView(client.state), error: denial });
    stops.push(
      client.on('connection', ({ state }) => {
        const error = state === 'open' ? undefined : this.#base.error;
        this.#show({ ...this.#base, ...stateView(state), error });
        notify();
      }),
      client.on('missed', ({ guildId }) => {
        if (guildId !== undefined && (room.kind !== 'guild' || guildId !== room.guildId)) return;
        this.#show({ ...this.#base, missed: this.#base.missed + 1 });
        notify();
      }),
      client.on('error', (error) => {
        if (!concerns(error, room)) return;
        this.#show({ ...this.#base, error });
        notify();
      }),
    );
    try {
      // The owner of a client may have closed it: then there is nothing to follow.
      if (client.state !== 'closed') stops.push(this.#follow(following, client, notify));
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  };

  #follow(following: Following<Own>, client: SpywatcherClient, notify: () => void): () => void {
    return following.follow(client, (own) => {
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

function concerns(error: ClientError, { kind, guildId }: Room): boolean {
  return !(error instanceof SubscriptionDeniedError) || (error.room === kind && error.guildId === guildId);
}

function stateView(state: ConnectionState): Pick<ClientView, 'state' | 'isConnected'> {
  return { state, isConnected: state === 'open' };
}
