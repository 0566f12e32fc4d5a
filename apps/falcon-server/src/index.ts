export { type FalconEnvironment, readFalconEnvironment } from './environment.js';
export { falconServer, startFalconServer } from './server.js';
