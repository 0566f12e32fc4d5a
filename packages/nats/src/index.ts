export { createNatsBus, type NatsBus, type NatsBusOptions } from './bus.js';
export type { TlsOptions } from './connection.js';
