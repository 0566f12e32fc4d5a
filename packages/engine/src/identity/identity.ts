/** Who a session belongs to. */
export interface Identity {
  /** What the identity's connections are counted and disconnected by. */
  readonly id: string;
  /** When its credentials expire, in milliseconds since the epoch. */
  readonly expiresAt?: number;
  /** What the credentials say. */
  readonly claims?: Readonly<Record<string, unknown>>;
}
