export type { Client } from './client.js';
export type { PublishedEvent } from './frames.js';
export { RaffleGateway, raffleGateway } from './gateway.js';
export { type RaffleGatewayOptions, raffleGatewayDefaults, type TokenVerifier } from './options.js';
