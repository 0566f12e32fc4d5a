import { connect, errors, headers, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { type BrokerConnection, BusDownError, type Channel, type ConnectionEvents } from '@roomcast/engine';
import { firstToGreet } from './greeting.js';
import { Assembly, maxMessageBytes, partHeader, split } from './parts.js';
import { explain } from './problems.js';
import { subjectOf } from './subjects.js';
import type { Target } from './url.js';

/** What a TLS connection takes beside the address, as PEM. */
export interface TlsOptions {
  ca?: string;
  cert?: string;
  key?: string;
  rejectUnauthorized?: boolean;
}

export interface ConnectOptions {
  readonly target: Target;
  readonly tls: TlsOptions | undefined;
  readonly timeoutMs: number;
  readonly events: ConnectionEvents;
}

/** Publications that the server confirms together. */
interface Round {
  readonly confirmed: Promise<void>;
  /** Subjects on which we may not publish. */
  readonly refused: Map<string, Error>;
}

/** A connected client, or a rejection within `timeoutMs` that says what is wrong. */
export async function openConnection(options: ConnectOptions): Promise<NatsBusConnection> {
  const { target, tls, timeoutMs, events } = options;
  const { user, password, token } = target;
  try {
    const server = await firstToGreet(target.servers, timeoutMs / 2);
    const client = await connect({
      servers: [server],
      ...(user === undefined ? {} : { user, pass: password ?? '' }),
      ...(token === undefined ? {} : { token }),
      ...(target.isTls || tls !== undefined ? { tls: tls ?? {} } : {}),
      timeout: timeoutMs / 2,
      // Another connection takes the place of a lost one, and the bus sends the pings.
      reconnect: false,
      noEcho: true,
      noAsyncTraces: true,
    });
    return new NatsBusConnection(client, target.name, events);
  } catch (error) {
    throw explain(target.name, error);
  }
}

export class NatsBusConnection implements BrokerConnection {
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #assembly = new Assembly();
  readonly #answers = new Set<(error: Error) => void>();
  /** Tells this connection's large messages from those of others. */
  readonly #id = crypto.randomUUID();
  #largeMessages = 0;
  #round: Round | null = null;
  readonly #rounds = new Set<Round>();
  #isClosed = false;

  constructor(
    readonly client: NatsConnection,
    readonly name: string,
    readonly events: ConnectionEvents,
  ) {
    void client.closed().then((error) => {
      if (!this.#isClosed) events.lost(explain(name, error ?? undefined));
    });
    void this.#watch();
  }

  async publish(topic: string, message: string): Promise<void> {
    const subject = subjectOf(topic);
    const bytes = Buffer.from(message);
    if (bytes.length > maxMessageBytes) {
      throw new BusDownError(`a message of ${bytes.length} bytes is too large: at most ${maxMessageBytes} are sent`);
    }
    this.#send(subject, bytes);
    this.#round ??= this.#newRound();
    const { confirmed, refused } = this.#round;
    await confirmed;
    const refusal = refused.get(subject);
    if (refusal !== undefined) throw explain(this.name, refusal);
  }

  async subscribe(channels: readonly Channel[]): Promise<void> {
    let refusal: Error | undefined;
    for (const channel of channels) {
      const key = keyOf(channel);
      if (this.#subscriptions.has(key)) continue;
      const subscription = this.client.subscribe(channel.isForeign ? channel.name : subjectOf(channel.name), {
        callback: (error, message) => {
          if (error === null) return this.#receive(channel, message);
          this.#subscriptions.delete(key);
          refusal = error;
        },
      });
      this.#subscriptions.set(key, subscription);
    }
    await this.#answer();
    if (refusal !== undefined) throw explain(this.name, refusal);
  }

  unsubscribe(channel: Channel): void {
    const key = keyOf(channel);
    this.#subscriptions.get(key)?.unsubscribe();
    this.#subscriptions.delete(key);
  }

  ping(): Promise<void> {
    return this.#answer();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const closed = new errors.ClosedConnectionError();
    for (const reject of this.#answers) reject(closed);
    // It is closed either way, and there is nobody to tell.
    this.client.close().catch(() => {});
  }

  #send(subject: string, bytes: Uint8Array): void {
    const maxPayload = this.client.info?.max_payload ?? 0;
    if (bytes.length <= maxPayload) {
      this.client.publish(subject, bytes);
      return;
    }
    const id = `${this.#id}.${++this.#largeMessages}`;
    for (const part of split(bytes, maxPayload, id)) {
      const partHeaders = headers();
      partHeaders.set(partHeader, part.header);
      this.client.publish(subject, part.bytes, { headers: partHeaders });
    }
  }

  #receive({ name, isForeign }: Channel, message: Msg): void {
    const part = isForeign ? '' : message.headers?.get(partHeader);
    if (part === undefined || part === '') {
      // The client's own decoding would take a byte order mark away.
      this.events.message(name, isForeign, textOf(message.data));
      return;
    }
    const whole = this.#assembly.add(name, part, message.data);
    if (whole !== undefined) this.events.message(name, isForeign, textOf(whole));
  }

  /** What is published in one turn of the event loop is confirmed by one answer. */
  #newRound(): Round {
    const confirm = async () => {
      await Promise.resolve();
      this.#round = null;
      await this.#answer();
      // A refusal arrives before the answer, but the client tells of it a little later.
      await new Promise((resolve) => setImmediate(resolve));
    };
    const round: Round = {
      confirmed: confirm().finally(() => this.#rounds.delete(round)),
      refused: new Map<string, Error>(),
    };
    this.#rounds.add(round);
    return round;
  }

  /** Resolves once the server has done all that it was sent before. */
  #answer(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isClosed) {
        reject(new errors.ClosedConnectionError());
        return;
      }
      this.#answers.add(reject);
      this.client
        .flush()
        .then(resolve, reject)
        .finally(() => this.#answers.delete(reject));
    });
  }

  async #watch(): Promise<void> {
    for await (const status of this.client.status()) {
      if (status.type !== 'error' || !(status.error instanceof errors.PermissionViolationError)) continue;
      const { operation, subject } = status.error;
      // Which of those on their way it was is not said, but the subject is refused to all of them.
      if (operation === 'publish') for (const round of this.#rounds) round.refused.set(subject, status.error);
    }
  }
}

function textOf({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString();
}

function keyOf({ name, isForeign }: Channel): string {
  return (isForeign ? 'foreign ' : 'topic ') + name;
}
