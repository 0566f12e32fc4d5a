export {
  type NatsServerOptions,
  type RedisServerOptions,
  type RunningBroker,
  startNats,
  startRedis,
} from './brokers.js';
export { openClient, TestClient, type TestClientClose, UpgradeRefused } from './client.js';
export { ManualClock, turns } from './clock.js';
export { type DemoServer, startDemoServer } from './demo-server.js';
export { eventually, patienceMs } from './eventually.js';
export { freePort } from './free-port.js';
export { type Listening, listen } from './listen.js';
export { type LogLine, RecordingLogger } from './log.js';
export { next } from './next.js';
export { type NodeProgram, onSources, runNode } from './node-program.js';
export { hasTool, Program, type ProgramOptions } from './program.js';
export { TcpProxy } from './tcp-proxy.js';
