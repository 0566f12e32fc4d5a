export { type RaffleEnvironment, readRaffleEnvironment } from './environment.js';
export { type RaffleServerParts, raffleServer, startRaffleServer } from './server.js';
