import { type ClientError, type Clock, ProtocolError } from '@roomcast/client-core';
import { ack as ackSchema, errorTexts } from '@roomcast/spywatcher-protocol';
import { SubscriptionDeniedError } from './errors.js';
import type { Room } from './subscriptions.js';
import type { Incoming, Outgoing } from './wire.js';

export interface SubscriptionSenderOptions {
  readonly maxEventsPerSecond: number;
  readonly answerTimeoutMs: number;
  readonly clock: Clock;
  /** What is wanted by now, by key. */
  wanted(): ReadonlyMap<string, { readonly room: Room }>;
  transmit(outgoing: Outgoing): void;
  onError(error: ClientError): void;
}

/** The share of the server's limit that is used: what is sent in two seconds may arrive in one. */
const share = 0.5;

/** What the server was asked for. Whatever it does not refuse counts as subscribed: servers need not answer. */
interface Request {
  readonly id: number;
  readonly room: Room;
  isAnswered?: boolean;
  denial?: SubscriptionDeniedError;
}

/**
 * Makes what the server has of this connection what is wanted: once for all changes of a tick, everything once on each
 * connection, and never so fast that the server would drop some of it.
 */
export class SubscriptionSender {
  /** What the server has, by key; undefined where there is no connection. */
  #asked: Map<string, Request> | undefined;
  #lastId = 0;
  #sentAt: number[] = [];
  /** This server answers: what it leaves unanswered was lost. */
  #answers = false;
  #isDue = false;
  #cancelWait: (() => void) | undefined;
  readonly #cancelRetries = new Set<() => void>();

  constructor(private readonly options: SubscriptionSenderOptions) {}

  /** What the server has refused on this connection, of what is wanted. */
  get denials(): readonly SubscriptionDeniedError[] {
    return [...(this.#asked?.values() ?? [])].flatMap(({ denial }) => denial ?? []);
  }

  /** Whether the server may yet answer what it was asked for. */
  get isWaiting(): boolean {
    return [...(this.#asked?.values() ?? [])].some(({ isAnswered }) => !isAnswered);
  }

  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#settle();
    });
  }

  /** A new connection has nothing. */
  connected(): void {
    this.interrupted();
    this.#asked = new Map();
    this.#sentAt = [];
    this.#answers = false;
    this.#settle();
  }

  /** There is no connection. */
  interrupted(): void {
    this.#asked = undefined;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    for (const cancel of this.#cancelRetries) cancel();
    this.#cancelRetries.clear();
  }

  answered({ id, ack }: Extract<Incoming, { is: 'answer' }>): void {
    const [key, request] = [...(this.#asked ?? [])].find(([, asked]) => asked.id === id) ?? [];
    // It is no longer wanted, or was asked for again meanwhile.
    if (key === undefined || request === undefined) return;
    request.isAnswered = true;
    if (ack === undefined) {
      if (this.#answers) this.#askAgain(key, 0);
      return;
    }
    const parsed = ackSchema.safeParse(ack);
    if (!parsed.success) {
      const issues = [{ path: 'ok', message: 'expected {ok: true} or {ok: false, message}' }];
      this.options.onError(new ProtocolError(`an answer to subscribe:${request.room.kind}`, issues));
      return;
    }
    this.#answers = true;
    if (!parsed.data.ok) this.#refused(key, request, parsed.data.message ?? 'no reason given');
  }

  #refused(key: string, request: Request, reason: string): void {
    if (isPassing(reason)) this.#askAgain(key, this.options.answerTimeoutMs);
    else request.denial = new SubscriptionDeniedError(request.room.kind, request.room.guildId, reason);
    if (request.denial) this.options.onError(request.denial);
  }

  #askAgain(key: string, inMs: number): void {
    const asked = this.#asked?.get(key);
    const cancel = this.options.clock.after(inMs, () => {
      this.#cancelRetries.delete(cancel);
      if (this.#asked?.get(key) === asked) this.#asked?.delete(key);
      this.#settle();
    });
    this.#cancelRetries.add(cancel);
  }

  #settle(): void {
    if (this.#asked === undefined || this.#cancelWait !== undefined) return;
    const wanted = this.options.wanted();
    // First what is given up, as servers limit how much one may have.
    for (const [key, request] of this.#asked) {
      if (!wanted.has(key) && !this.#give(key, request)) return;
    }
    for (const [key, { room }] of wanted) {
      if (!this.#asked.has(key) && !this.#ask(key, room)) return;
    }
  }

  /** False where it has to wait. */
  #give(key: string, { room, denial }: Request): boolean {
    if (denial === undefined && !this.#mayTransmit()) return false;
    this.#asked?.delete(key);
    if (denial === undefined) this.#transmit('unsubscribe', room);
    return true;
  }

  #ask(key: string, room: Room): boolean {
    if (!this.#mayTransmit()) return false;
    this.#asked?.set(key, { id: this.#transmit('subscribe', room), room });
    return true;
  }

  /** Returns what its answer is known by. */
  #transmit(action: 'subscribe' | 'unsubscribe', { kind, guildId }: Room): number {
    const id = ++this.#lastId;
    this.options.transmit({ event: `${action}:${kind}`, guildId, id });
    return id;
  }

  #mayTransmit(): boolean {
    const { clock, maxEventsPerSecond } = this.options;
    const now = clock.now();
    const limit = Math.max(1, Math.floor(share * maxEventsPerSecond));
    // Whoever sets the clock back does not make this wait for longer than the second.
    this.#sentAt = this.#sentAt.filter((at) => at <= now && now - at < 1_000);
    const first = this.#sentAt[this.#sentAt.length - limit];
    if (first === undefined) {
      this.#sentAt.push(now);
      return true;
    }
    this.#cancelWait = clock.after(first + 1_000 - now, () => {
      this.#cancelWait = undefined;
      this.#settle();
    });
    return false;
  }
}

/** Whether the refusal says nothing about the guild: the same may be granted a moment later. */
function isPassing(reason: string): boolean {
  return reason === errorTexts.unavailable || reason.startsWith(tooManyEvents);
}

const tooManyEvents = errorTexts.tooManyEvents(0).split('0')[0] ?? '';
