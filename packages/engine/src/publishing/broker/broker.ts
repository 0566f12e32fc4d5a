/** What is listened to at a broker: a topic of ours, or a channel of exactly this name that others publish on. */
export interface Channel {
  readonly name: string;
  readonly isForeign: boolean;
}

/** What a connection tells the bus. */
export interface ConnectionEvents {
  message(name: string, isForeign: boolean, text: string): void;
  /** The connection can not be used any more. */
  lost(cause: Error): void;
}

/** One connection to a broker. It is used until it is lost, and never mended: another takes its place. */
export interface BrokerConnection {
  /** Resolves once the broker has the message. Calls are not waited for: their order is the order of the messages. */
  publish(topic: string, message: string): Promise<void>;
  /** Resolves once the subscriptions stand at the broker. */
  subscribe(channels: readonly Channel[]): Promise<void>;
  unsubscribe(channel: Channel): void;
  /** Resolves once the broker has answered. */
  ping(): Promise<unknown>;
  /** Lets go of everything at once; what still waits is rejected. */
  close(): void;
}

/** How connections to a broker are made. */
export interface Broker<Connection extends BrokerConnection = BrokerConnection> {
  /** What logs call it: kind and address, never a credential. */
  readonly name: string;
  /**
   * Makes a connection, or rejects within `timeoutMs` with an error whose message says what is wrong in one line and
   * holds no credential: a `BusRefusedError` where trying again is of no use until somebody changes something.
   */
  connect(events: ConnectionEvents, timeoutMs: number): Promise<Connection>;
}
