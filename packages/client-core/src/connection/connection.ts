import { AttemptCounter, backOffMs } from '../back-off.js';
import { closeCodes } from '../close-codes.js';
import {
  ClientError,
  ConnectionLostError,
  ConnectionRefusedError,
  CredentialsRefusedError,
  QueueFullError,
  TimeoutError,
} from '../errors.js';
import { Heartbeat } from './heartbeat.js';
import { Link } from './link.js';
import {
  type ConnectionOptions,
  type Ending,
  type ResolvedConnectionOptions,
  resolveConnectionOptions,
} from './options.js';
import { SendQueue } from './send-queue.js';
import {
  type ChangeCode,
  type ConnectionChange,
  type ConnectionState,
  type ConnectionStatus,
  canBecome,
  statusOf,
} from './states.js';

export interface ConnectionHooks {
  /** On `open`: the place to restore what was wished for, by `transmit`, before what is queued is sent. */
  onChange(change: ConnectionChange): void;
  /** A text, or the bytes of a binary message. What this throws is told as an error. */
  onMessage(data: unknown): void;
  /** Something went wrong; told after the change that it brought about. */
  onError(error: ClientError): void;
}

/** What became of a message: `refused` is also told as a `QueueFullError`. */
export type SendResult = 'sent' | 'queued' | 'refused' | 'closed';

interface Attempt {
  readonly link: Link;
  /** Made with a token that replaced a refused one. */
  readonly refreshed: boolean;
}

type Holding =
  | { readonly is: 'connecting' | 'authenticating'; readonly attempt: Attempt; readonly cancel: () => void }
  | { readonly is: 'open'; readonly attempt: Attempt; readonly heartbeat: Heartbeat | undefined };

/** Each state with what it holds. */
type Phase =
  | { readonly is: 'idle' }
  | Holding
  | { readonly is: 'waiting'; readonly refresh: boolean; readonly cancel: () => void }
  | { readonly is: 'failed' }
  | { readonly is: 'closed'; readonly done: Promise<void> };

/** A WebSocket that comes back: always in one of the named states, with at most one socket. */
export class Connection {
  #phase: Phase = { is: 'idle' };
  readonly #options: ResolvedConnectionOptions;
  readonly #attempts: AttemptCounter;
  readonly #queue: SendQueue;

  /** @throws ClientOptionsError */
  constructor(
    options: ConnectionOptions,
    private readonly hooks: ConnectionHooks,
  ) {
    this.#options = resolveConnectionOptions(options);
    const { minUptimeMs, clock, maxQueued } = this.#options;
    this.#attempts = new AttemptCounter(minUptimeMs, () => clock.now());
    this.#queue = new SendQueue(maxQueued);
  }

  get state(): ConnectionState {
    return this.#phase.is;
  }

  get status(): ConnectionStatus {
    return statusOf(this.#phase.is);
  }

  /** Messages that wait for the connection. */
  get queued(): number {
    return this.#queue.size;
  }

  /** Connects; while waiting for the next attempt, makes it now. In any other state there is nothing to do. */
  connect(): void {
    if (this.#phase.is === 'waiting') {
      this.#phase.cancel();
      this.#dial(this.#phase.refresh, 'retried', 'the owner did not want to wait');
    } else if (this.#phase.is === 'idle') {
      this.#dial(false, 'started', 'the owner asked for it');
    }
  }

  /** Sends a message, now or, once, when the connection is open next. */
  send(text: string): SendResult {
    const phase = this.#phase;
    if (phase.is === 'closed' || phase.is === 'failed') return 'closed';
    if (phase.is !== 'open' || this.#queue.size > 0) {
      return this.#queue.offer(text) ? 'queued' : this.#refuse('maxQueued');
    }
    if (phase.attempt.link.bufferedBytes >= this.#options.maxBufferedBytes) return this.#refuse('maxBufferedBytes');
    phase.attempt.link.send(text);
    return 'sent';
  }

  /** Sends a message now, ahead of what is queued, or not at all: then false. */
  transmit(text: string): boolean {
    const phase = this.#phase;
    if (phase.is !== 'open' && phase.is !== 'authenticating') return false;
    phase.attempt.link.send(text);
    return true;
  }

  /** The server said that the connection may be used: for `authenticate` that answered `'wait'`. */
  accepted(): void {
    if (this.#phase.is !== 'authenticating') return;
    const { attempt, cancel } = this.#phase;
    cancel();
    this.#attempts.opened();
    const { link } = attempt;
    this.#become(
      { is: 'open', attempt, heartbeat: this.#heartbeat(link) },
      { code: 'accepted', reason: 'the connection may be used' },
    );
    while (this.#held(link) && this.#queue.size > 0) link.send(this.#queue.take() ?? '');
  }

  /** For good, in any state, as often as you like. Resolves when the socket is closed. What is queued is dropped. */
  close(): Promise<void> {
    if (this.#phase.is === 'closed') return this.#phase.done;
    this.#stopTimers(this.#phase);
    const done = 'attempt' in this.#phase ? this.#phase.attempt.link.close() : Promise.resolve();
    this.#queue.clear();
    this.#become({ is: 'closed', done }, { code: 'closed', reason: 'the owner closed it' });
    return done;
  }

  #refuse(option: 'maxQueued' | 'maxBufferedBytes'): SendResult {
    this.hooks.onError(new QueueFullError(option, this.#options[option]));
    return 'refused';
  }

  #dial(refresh: boolean, code: ChangeCode, reason: string): void {
    const { connectTimeoutMs, clock } = this.#options;
    const link: Link = new Link(this.#options, {
      opened: (token) => this.#opened(link, token),
      message: (data) => this.#message(link, data),
      ended: (error) => this.#ended(link, error, this.#phase.is === 'open' ? 'lost' : 'refused'),
    });
    const cancel = clock.after(connectTimeoutMs, () => {
      this.#ended(link, new TimeoutError('connecting', connectTimeoutMs), 'timed-out');
    });
    this.#become({ is: 'connecting', attempt: { link, refreshed: refresh }, cancel }, { code, reason });
    // A listener may have closed it meanwhile.
    if (this.#held(link)) void link.dial(refresh);
  }

  #opened(link: Link, token: string | undefined): void {
    const held = this.#held(link);
    if (held?.is !== 'connecting') return;
    this.#become({ ...held, is: 'authenticating' }, { code: 'opened', reason: 'the handshake is done' });
    if (this.#held(link) && this.#options.authenticate?.(token) !== 'wait' && this.#held(link)) this.accepted();
  }

  #message(link: Link, data: unknown): void {
    const held = this.#held(link);
    if (!held) return;
    if (held.is === 'open') held.heartbeat?.received();
    try {
      this.hooks.onMessage(data);
    } catch (cause) {
      this.hooks.onError(new ClientError('a message could not be handled', { cause }));
    }
  }

  #ended(link: Link, error: ClientError, code: ChangeCode): void {
    const held = this.#held(link);
    if (!held) return;
    this.#stopTimers(held);
    link.discard();
    const fatal = this.#fatal(error);
    if (fatal) {
      this.#queue.clear();
      this.#become({ is: 'failed' }, { code, reason: fatal.message, error: fatal });
    } else {
      this.#wait(held.attempt, error, code);
    }
    // Whoever closed it on hearing of the change wants to hear no more.
    if (this.#phase.is !== 'closed') this.hooks.onError(fatal ?? error);
  }

  #wait({ link, refreshed }: Attempt, error: ClientError, code: ChangeCode): void {
    const { policy, clock, random } = this.#options;
    const refused = policy.shouldRefreshToken(endingOf(error));
    // A new token that could not be had is still wanted.
    const refresh = refused || (refreshed && !link.hasToken);
    const attempt = this.#attempts.failed();
    // The first time another token is all it takes. A server that refuses that one too is not asked ever faster.
    const atOnce = refused && (!refreshed || attempt === 1);
    const retryInMs = atOnce ? 0 : backOffMs(attempt, this.#options, random);
    const cancel = clock.after(retryInMs, () => this.#dial(refresh, 'retried', 'the wait is over'));
    this.#become({ is: 'waiting', refresh, cancel }, { code, reason: error.message, error, retryInMs });
  }

  /** The error with which it is over, undefined where another attempt may go better. */
  #fatal(error: ClientError): ClientError | undefined {
    if (error instanceof CredentialsRefusedError) return error;
    const { policy, token } = this.#options;
    const ending = endingOf(error);
    if (!policy.shouldReconnect(ending)) return error;
    if (typeof token !== 'string' || !policy.shouldRefreshToken(ending)) return undefined;
    const message = `${error.message}; the token is a fixed text and would be refused again: pass a function instead`;
    return new CredentialsRefusedError(message, { cause: error });
  }

  #heartbeat(link: Link): Heartbeat | undefined {
    const { heartbeat: options, clock } = this.#options;
    if (!options) return undefined;
    const heartbeat = new Heartbeat(options, clock, () => {
      this.#ended(link, new TimeoutError('a heartbeat', options.timeoutMs), 'unresponsive');
    });
    heartbeat.start();
    return heartbeat;
  }

  /** The state as long as it is about this link: what an earlier one brings up comes too late. */
  #held(link: Link): Holding | undefined {
    return 'attempt' in this.#phase && this.#phase.attempt.link === link ? this.#phase : undefined;
  }

  #stopTimers(phase: Phase): void {
    if (phase.is === 'open') phase.heartbeat?.stop();
    if ('cancel' in phase) phase.cancel();
  }

  #become(phase: Phase, why: Omit<ConnectionChange, 'state' | 'previous'>): void {
    const previous = this.#phase.is;
    if (!canBecome(previous, phase.is)) throw new Error(`a connection cannot become ${phase.is} from ${previous}`);
    this.#phase = phase;
    this.hooks.onChange({ state: phase.is, previous, ...why });
  }
}

function endingOf(error: ClientError): Ending {
  return {
    code: error instanceof ConnectionLostError ? error.code : closeCodes.abnormal,
    status: error instanceof ConnectionRefusedError ? error.status : undefined,
  };
}
