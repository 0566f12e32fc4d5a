export { type AdminOptions, adminRoutes } from './admin.js';
export { type BearerCheck, bearerCheck } from './bearer.js';
export { type BusFromOptions, busFrom, type Connections } from './bus-from.js';
export { type BusPublishOptions, publishFromBus } from './bus-publish.js';
export { corsFor } from './cors.js';
export { type Credentials, jwtCredentials } from './credentials.js';
export { type DemoIdentity, type DemoSession, type DemoSessionsOptions, demoSessions } from './demo.js';
export { type Directory, type DirectoryOptions, type DirectorySource, directoryFrom } from './directory.js';
export { type DirectoryFileOptions, directoryFile } from './directory-file.js';
export { type DirectoryUrlOptions, directoryUrl, directoryUrlDefaults } from './directory-url.js';
export { Distinct } from './distinct.js';
export { engineFrom, type ServerBase, type ServerParts } from './engine-from.js';
export {
  type CommonEnvironment,
  type Environment,
  type EnvironmentOptions,
  readEnvironment,
  secretsOf,
} from './environment.js';
export { EnvironmentError, ListenError, type VariableProblem } from './errors.js';
export { createHttp, type HttpOptions } from './http.js';
export { httpListener } from './http-listener.js';
export {
  createHttpServer,
  type HttpServerOptions,
  httpServerDefaults,
  type NodeBindings,
  nodeHandler,
} from './http-server.js';
export { type IdempotencyOptions, idempotencyDefaults } from './idempotency.js';
export { engineOptions, sessionLimits } from './limits.js';
export { createLogger, type LogOptions } from './logs.js';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.js';
export { type PublishOptions, publishDefaults } from './publish.js';
export { publishHandler } from './publish-handler.js';
export { type PublishListenerOptions, publishListener } from './publish-listener.js';
export { Readiness, type ReadinessCheck, type ReadinessParts } from './readiness.js';
export { main, runServer, type StopOptions, stopOnSignals } from './run.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
export { keepState, type StateFile, type StateKeeperOptions, type StateStore, stateFile } from './state.js';
export { isLoopback, readTls, type TlsFiles, warnOfPlainListener } from './tls.js';
export * as variables from './variables.js';
export {
  type OwnedFeed,
  type Runnable,
  runWhileOwner,
  type WhileOwner,
  type WhileOwnerOptions,
} from './while-owner.js';
