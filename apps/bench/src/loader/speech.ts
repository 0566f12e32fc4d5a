/** A message, and how many frames answer it. `send` is null where the server speaks first. */
export interface Step {
  readonly send: string | null;
  readonly frames: number;
}

/** What the loader says to a server: how members come in, and how events do. */
export interface Speech {
  memberPath(member: number): string;
  /** What the request for the upgrade has beside the usual. @default nothing */
  memberHeaders?(member: number): Readonly<Record<string, string>>;
  /** From the handshake until the member hears the events of the rooms. */
  join(member: number, rooms: readonly string[]): readonly Step[];
  readonly publisherPath: string;
  readonly publisherJoin: readonly Step[];
  /** The `n`-th event. */
  publish(room: string, n: number): string;
  /** A request that is answered with one frame. */
  readonly ping: string;
  /** The payload length of the server's heartbeats, and what answers one. @default there are none */
  readonly heartbeat?: { readonly bytes: number; readonly answer: string };
}
