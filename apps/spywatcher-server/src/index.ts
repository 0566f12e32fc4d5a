export type { DiscordSource } from './discord/source.js';
export { readSpywatcherEnvironment, type SpywatcherEnvironment } from './environment.js';
export { type SpywatcherServerParts, spywatcherServer, startSpywatcherServer } from './server.js';
