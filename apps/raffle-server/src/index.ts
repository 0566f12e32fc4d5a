export { type RaffleEnvironment, readRaffleEnvironment } from './environment.js';
export { raffleServer, startRaffleServer } from './server.js';
