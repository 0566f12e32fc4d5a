import type { TokenRequest, WebSocketConstructor } from '@roomcast/client-core';
import type { DemoIdentity } from '../services/demo-session.js';

/** Where a connection stands, for people: the clients have finer states. `cut` is by the page itself. */
export type Phase = 'off' | 'connecting' | 'open' | 'waiting' | 'failed' | 'cut';

/** What a client is made with. */
interface Target {
  readonly url: string;
  readonly token: (request?: TokenRequest) => Promise<string>;
  /** The token is one that somebody entered, not a demo role's. */
  readonly isEntered: boolean;
  /** Who there is, as far as that is known. */
  readonly identities: () => readonly DemoIdentity[];
  readonly WebSocket: WebSocketConstructor;
}

/** What a client tells. */
export interface ClientHooks {
  phase(phase: Exclude<Phase, 'cut'>, retryInMs?: number): void;
  error(error: Error): void;
}

export interface OpenedClient {
  /** For good. */
  close(): unknown;
}

/** Makes a client that connects. Throws for a URL or a token it cannot work with. */
export type OpenClient = (target: Target, hooks: ClientHooks) => OpenedClient;

/** Times of the clients, in milliseconds: at most shorter than usual, because somebody is looking. */
export const patience = { baseMs: 500, capMs: 5000, connectTimeoutMs: 5000 } as const;
