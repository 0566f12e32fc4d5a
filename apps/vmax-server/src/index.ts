export { readVmaxEnvironment, type VmaxEnvironment } from './environment.js';
export { startVmaxServer, type VmaxServerParts, vmaxServer } from './server.js';
