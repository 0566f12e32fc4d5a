import { type ClientError, type Clock, NotConnectedError, QueueFullError, Requests } from '@roomcast/client-core';
import type { ClientMessage, ErrorCode, ServerMessage } from '@roomcast/falcon-protocol';
import { isAnswer, MessageRejectedError } from './errors.js';
import { Outbox, type Outgoing } from './outbox.js';
import { operationOf, randomId } from './outgoing.js';

export interface SenderOptions {
  readonly clock: Clock;
  readonly maxQueued: number;
  readonly maxMessagesPerSecond: number;
  readonly maxMessageBytes: number;
  readonly acknowledgementTimeoutMs: number;
}

export interface SenderHost {
  /** False where there is no connection. */
  transmit(text: string): boolean;
  /** There will be none any more. */
  hasFailed(): boolean;
  onError(error: ClientError): void;
}

/** Sends messages, each once, and tells what became of them. */
export class Sender {
  readonly outbox: Outbox;
  readonly #acknowledgements: Requests<string, ServerMessage>;

  constructor(
    private readonly options: SenderOptions,
    private readonly host: SenderHost,
  ) {
    this.outbox = new Outbox(options);
    this.#acknowledgements = new Requests(options.acknowledgementTimeoutMs, options.clock);
  }

  /** Now, or when the connection stands. Resolves to the acknowledgement. */
  send(message: ClientMessage): Promise<ServerMessage> {
    return this.#request(message, (one) => this.outbox.offer(one));
  }

  /**
   * Something that the client itself wants of this connection, ahead of messages. Resolves to why it can't be had.
   * @param done the code of a refusal which says that all is as it was wanted
   */
  async ask(message: ClientMessage, done?: ErrorCode): Promise<ClientError | undefined> {
    try {
      await this.#request(message, (one) => {
        this.outbox.request(one);
        return true;
      });
      return undefined;
    } catch (cause) {
      // Nothing else rejects: what the client itself sends is small, and JSON.
      const error = cause as ClientError;
      if (done !== undefined && error instanceof MessageRejectedError && error.code === done) return undefined;
      if (isAnswer(error)) this.host.onError(error);
      return error;
    }
  }

  /** Whether somebody waited for it. */
  answered(id: string, message: ServerMessage): boolean {
    return this.#acknowledgements.answered(id, message);
  }

  /** The connection is gone: no answers will come any more. */
  interrupted(error: ClientError): void {
    this.outbox.interrupted(error);
    this.#acknowledgements.interrupted(error);
  }

  #request(message: ClientMessage, enqueue: (one: Outgoing) => boolean): Promise<ServerMessage> {
    const { id = randomId() } = message;
    const operation = operationOf(message);
    const { maxMessageBytes, maxQueued } = this.options;
    return new Promise((resolve, reject) => {
      if (this.host.hasFailed()) throw new NotConnectedError(operation);
      const text = JSON.stringify({ ...message, id });
      // A character is three bytes of UTF-8 at most: what is shorter than a third needs no counting.
      if (text.length * 3 > maxMessageBytes && new TextEncoder().encode(text).length > maxMessageBytes) {
        throw new MessageRejectedError(operation, 'data_too_large', `expected at most ${maxMessageBytes} bytes`);
      }
      const send = async () => {
        try {
          const answer = await this.#acknowledgements.ask(id, operation, () => this.host.transmit(text));
          if (answer.type === 'error') throw new MessageRejectedError(operation, answer.data.code, answer.data.message);
          resolve(answer);
        } catch (error) {
          reject(error);
        }
      };
      if (!enqueue({ send, drop: reject })) reject(new QueueFullError('maxQueued', maxQueued));
    });
  }
}
