export { type FalconEnvironment, readFalconEnvironment } from './environment.js';
export { type FalconServerParts, falconServer, startFalconServer } from './server.js';
