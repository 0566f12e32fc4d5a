export { type KillmailsEnvironment, readKillmailsEnvironment } from './environment.js';
export { type KillmailsServerParts, killmailsServer, startKillmailsServer } from './server.js';
