export type { ClientView } from './client-store.js';
export type { RaffleSource } from './shared-client.js';
export { type RaffleEventsView, type UseRaffleEventsOptions, useRaffleEvents } from './use-raffle-events.js';
export { type RaffleGridView, useRaffleGrid } from './use-raffle-grid.js';
