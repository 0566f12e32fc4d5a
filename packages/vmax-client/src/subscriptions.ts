import { type ClientError, type Clock, RequestRejectedError, TimeoutError, Wishes } from '@roomcast/client-core';
import type { Channel, Subscription } from '@roomcast/vmax-protocol';
import { announcesClose, type Desire, rejectedBy } from './attribution.js';
import { OvertakenError, ServerError } from './errors.js';

/** Somebody who waits for the answer to a wish. */
interface Caller extends Desire {
  resolve(): void;
  reject(error: ClientError): void;
}

/** A wish that the server was told on this connection and has not answered. */
interface Asked extends Desire {
  readonly callers: readonly Caller[];
  cancel(): void;
}

export interface SubscriptionsOptions {
  readonly timeoutMs: number;
  readonly clock: Clock;
  transmit(desire: Desire): void;
  /** What concerns no caller: a restored subscription was rejected, or the server said something on its own. */
  onError(error: ClientError): void;
}

type State = { is: 'away' } | { is: 'live' } | { is: 'over'; error: ClientError };

/** What the owner wants to hear, apart from any connection, and the requests that tell the server. */
export class Subscriptions {
  #state: State = { is: 'away' };
  /** What the server subscribes this client to by itself, on each connection. */
  #own: ReadonlySet<string> = new Set();
  #asked: readonly Asked[] = [];
  #errors: readonly string[] = [];
  readonly #callers = new Set<Caller>();
  readonly #wishes = new Wishes<Desire>(({ channel }) => keyOf(channel));

  constructor(private readonly options: SubscriptionsOptions) {}

  /** What is subscribed, or will be, as `fleet:<id>` and `regulator:<id>`. */
  get list(): readonly string[] {
    const own = [...this.#own].filter((key) => this.#wishes.get(key) === undefined);
    return [...own, ...this.#wishes.list.filter(isWanted).map(({ channel }) => keyOf(channel))];
  }

  /** Resolves when the server has confirmed it, on whatever connection. */
  ask(action: Desire['action'], channel: Channel): Promise<void> {
    if (this.#state.is === 'over') return Promise.reject(this.#state.error);
    return new Promise((resolve, reject) => {
      const { clock, timeoutMs } = this.options;
      const cancel = clock.after(timeoutMs, () => caller.reject(new TimeoutError(textOf(caller), timeoutMs)));
      const settle = () => {
        cancel();
        this.#callers.delete(caller);
      };
      const caller: Caller = {
        action,
        channel,
        resolve: () => {
          settle();
          resolve();
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#callers.add(caller);
      this.#wishes.add({ action, channel });
      if (this.#state.is === 'live') this.#tell([caller]);
    });
  }

  /** The server welcomed us: everything wanted is asked for, once. @param own as `fleet:<id>` */
  live(own: readonly string[]): void {
    this.#state = { is: 'live' };
    this.#own = new Set(own);
    const callers = [...this.#callers];
    for (const caller of callers) {
      if (this.#wishes.get(keyOf(caller.channel))?.action !== caller.action) {
        caller.reject(new OvertakenError(textOf(caller)));
      }
    }
    this.#tell(callers);
  }

  /** The connection is gone; whoever waits goes on waiting for the next one, within the time-out. */
  interrupted(): void {
    if (this.#state.is === 'live') this.#state = { is: 'away' };
    this.#forget();
    this.#wishes.interrupted();
  }

  confirmed(action: Desire['action'], subscription: Subscription): void {
    const key = keyOf(subscription);
    const asked = this.#asked.find((one) => one.action === action && keyOf(one.channel) === key);
    if (!asked) return;
    this.#take(asked);
    // What the server does not subscribe by itself needs no taking back on the next connection.
    if (action === 'UNSUBSCRIBE' && !this.#own.has(key)) this.#giveUp(asked);
    for (const caller of asked.callers) caller.resolve();
    this.#attribute();
  }

  /** The server sent an `ERROR`. */
  error(text: string): void {
    if (announcesClose(text)) return;
    this.#errors = [...this.#errors, text];
    this.#attribute();
  }

  /** It is over, for this reason. */
  end(error: ClientError): void {
    this.#state = { is: 'over', error };
    this.#forget();
    for (const caller of [...this.#callers]) caller.reject(error);
  }

  #tell(callers: readonly Caller[]): void {
    const { clock, timeoutMs } = this.options;
    for (const desire of this.#wishes.takeUnasked()) {
      const cancel = clock.after(timeoutMs, () => this.#unanswered(asked));
      const asked: Asked = { ...desire, callers: callers.filter((caller) => isSame(caller, desire)), cancel };
      this.#asked = [...this.#asked, asked];
      this.options.transmit(desire);
    }
  }

  #unanswered(asked: Asked): void {
    this.#take(asked);
    // Callers have time-outs of their own.
    if (asked.callers.length === 0) this.options.onError(new TimeoutError(textOf(asked), this.options.timeoutMs));
    this.#attribute();
  }

  /** Finds out which wishes the errors that have come so far are about. */
  #attribute(): void {
    for (const text of new Set(this.#errors)) {
      const count = this.#errors.filter((one) => one === text).length;
      const rejected = rejectedBy(text, count, this.#asked);
      if (rejected === 'wait') continue;
      this.#errors = this.#errors.filter((one) => one !== text);
      for (const asked of rejected) this.#reject(asked, text);
      for (let rest = rejected.length; rest < count; rest++) this.options.onError(new ServerError(text));
    }
    // Each wish is answered once: of more errors than that, some were about something else.
    const surplus = this.#errors.slice(0, Math.max(0, this.#errors.length - this.#asked.length));
    this.#errors = this.#errors.slice(surplus.length);
    for (const text of surplus) this.options.onError(new ServerError(text));
  }

  #reject(asked: Asked, text: string): void {
    this.#take(asked);
    this.#giveUp(asked);
    const error = new RequestRejectedError(textOf(asked), text);
    for (const caller of asked.callers) caller.reject(error);
    if (asked.callers.length === 0) this.options.onError(error);
  }

  /** Wants it no more, unless the opposite is wanted by now. */
  #giveUp({ action, channel }: Desire): void {
    const key = keyOf(channel);
    if (this.#wishes.get(key)?.action === action) this.#wishes.remove(key);
  }

  #take(asked: Asked): void {
    asked.cancel();
    this.#asked = this.#asked.filter((one) => one !== asked);
  }

  #forget(): void {
    for (const { cancel } of this.#asked) cancel();
    this.#asked = [];
    this.#errors = [];
  }
}

/** As the server writes it in the `subscriptions` of `CONNECTED`. */
function keyOf({ channel, fleetId, regulatorId }: Subscription): string {
  return `${channel}:${channel === 'fleet' ? fleetId : regulatorId}`;
}

function isSame(one: Desire, other: Desire): boolean {
  return one.action === other.action && keyOf(one.channel) === keyOf(other.channel);
}

function isWanted({ action }: Desire): boolean {
  return action === 'SUBSCRIBE';
}

/** What was asked, for errors. */
function textOf({ action, channel }: Desire): string {
  return `${action} ${keyOf(channel)}`;
}
