export { type KillmailsEnvironment, readKillmailsEnvironment } from './environment.js';
export { killmailsServer, startKillmailsServer } from './server.js';
