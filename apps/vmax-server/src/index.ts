export { readVmaxEnvironment, type VmaxEnvironment } from './environment.js';
export { startVmaxServer, vmaxServer } from './server.js';
