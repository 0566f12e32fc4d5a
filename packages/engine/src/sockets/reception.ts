import type { Session } from '../rooms/session.js';
import { Inbox, type InboxOwner } from './inbox.js';
import { MessageRate } from './message-rate.js';
import type { Message, Wire } from './wire.js';

/** What comes in on a session: counted against its rate, and handled by the wire one after the other. */
export class Reception<Data> implements InboxOwner<Message | null> {
  readonly #inbox = new Inbox<Message | null>(this);
  readonly #rate = new MessageRate();

  constructor(
    readonly session: Session<Data>,
    readonly wire: Wire<Data>,
    readonly messageWindowMs: number,
  ) {}

  /** The handshake is done; the wire's `open` runs before any message. */
  opened(): void {
    if (this.wire.open !== undefined) this.#inbox.push(null);
  }

  received(message: Message): void {
    const { session } = this;
    session.active();
    session.host.counters.received++;
    if (session.state !== 'open') return;
    if (
      session.maxMessages > 0 &&
      !this.#rate.allow(session.lastReceivedAt, session.maxMessages, this.messageWindowMs)
    ) {
      session.host.logger.warn(
        { session: session.id, limit: session.maxMessages },
        'a session sends too many messages',
      );
      session.dismiss('tooManyMessages');
      return;
    }
    this.#inbox.push(message);
  }

  /** The session has ended: what still waits is forgotten. */
  ended(): void {
    this.#inbox.clear();
  }

  handle(message: Message | null): unknown {
    if (this.session.state !== 'open') return undefined;
    return message === null ? this.wire.open?.(this.session) : this.wire.message(this.session, message);
  }

  waiting(change: number): void {
    this.session.waiting(change);
  }

  failed(error: unknown): void {
    this.session.failed(error);
  }
}
