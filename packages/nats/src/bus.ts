import { BrokerBus, type BrokerBusOptions, type ConnectionEvents } from '@roomcast/engine';
import { type NatsBusConnection, openConnection, type TlsOptions } from './connection.js';
import { parseUrl } from './url.js';

/** What `createNatsBus` takes. */
export interface NatsBusOptions extends BrokerBusOptions {
  /** `nats://[user:password@ or token@]host[:port][,host…]`, or `tls://…` where TLS is required. */
  url: string;
  /** For TLS: a certificate authority, a client's certificate. @default the machine's authorities */
  tls?: TlsOptions;
}

/** A bus over NATS. */
export type NatsBus = BrokerBus<NatsBusConnection>;

/**
 * Connects to NATS. Resolves with a bus that is up, or that waits for a server that can not be reached yet (`status`).
 * Rejects with `EngineOptionsError` for an option that makes no sense, and with `BusRefusedError` where the server
 * refuses the credentials or can not be trusted.
 */
export async function createNatsBus(options: NatsBusOptions): Promise<NatsBus> {
  const { url, tls, ...busOptions } = options;
  const target = parseUrl(url);
  const connect = (events: ConnectionEvents, timeoutMs: number) => openConnection({ target, tls, timeoutMs, events });
  const bus = new BrokerBus({ name: target.name, connect }, busOptions);
  await bus.started();
  return bus;
}
