import { ClientClosedError, type ClientError, RequestRejectedError, TimeoutError } from '@roomcast/client-core';
import type { Answer } from './connection.js';

/** What answered a request: the reply to it, or the reply to a join that carried the same wish. */
export interface Settled {
  readonly by: 'reply' | 'join';
  readonly response: unknown;
}

interface Request {
  readonly event: string;
  readonly payload: object;
  /** A wish is in force once a join that carried it is accepted; a question has to be asked. */
  readonly isWish: boolean;
  carried: boolean;
  resolve(settled: Settled): void;
  reject(error: ClientError): void;
}

/** Requests until they are answered, across lost connections. Each ends within the timeout. */
export class Requests {
  readonly #pending = new Set<Request>();
  #state: 'waiting' | 'live' | 'closed' = 'waiting';

  constructor(
    private readonly timeoutMs: number,
    private readonly push: (event: string, payload: object, answer: Answer) => void,
  ) {}

  send(event: string, payload: object, isWish: boolean): Promise<Settled> {
    if (this.#state === 'closed') return Promise.reject(new ClientClosedError());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#settle(request)?.reject(new TimeoutError(event, this.timeoutMs)),
        this.timeoutMs,
      );
      const request: Request = {
        event,
        payload,
        isWish,
        carried: false,
        resolve: (settled) => {
          clearTimeout(timer);
          resolve(settled);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#pending.add(request);
      if (this.#state === 'live') this.#transmit(request);
    });
  }

  joinSent(): void {
    for (const request of this.#pending) request.carried = request.isWish;
  }

  live(joinResponse: unknown): void {
    this.#state = 'live';
    for (const request of [...this.#pending]) {
      if (request.carried) this.#settle(request)?.resolve({ by: 'join', response: joinResponse });
      else this.#transmit(request);
    }
  }

  joinRejected(reason: string): void {
    for (const request of [...this.#pending]) {
      if (request.carried) this.#settle(request)?.reject(new RequestRejectedError(request.event, reason));
    }
  }

  interrupted(): void {
    if (this.#state === 'live') this.#state = 'waiting';
  }

  close(): void {
    this.#state = 'closed';
    for (const request of [...this.#pending]) this.#settle(request)?.reject(new ClientClosedError());
  }

  #transmit(request: Request): void {
    this.push(request.event, request.payload, {
      ok: (response) => this.#settle(request)?.resolve({ by: 'reply', response }),
      rejected: (reason) => this.#settle(request)?.reject(new RequestRejectedError(request.event, reason)),
    });
  }

  /** The request if it is still open, and no longer: whatever comes second is too late. */
  #settle(request: Request): Request | undefined {
    return this.#pending.delete(request) ? request : undefined;
  }
}
