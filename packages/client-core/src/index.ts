export { AsyncQueue, type AsyncQueueOptions } from './async-queue.js';
export { AttemptCounter, type BackOffLimits, backOffDefaults, backOffMs } from './back-off.js';
export { closeCodes, describeClose, shouldReconnect } from './close-codes.js';
export { type Deferred, deferred } from './deferred.js';
export { Emitter, type Listener, type ListenerErrorHandler } from './emitter.js';
export {
  ClientClosedError,
  ClientError,
  ClientOptionsError,
  ConnectionLostError,
  ConnectionRefusedError,
  ProtocolError,
  RequestRejectedError,
  TimeoutError,
} from './errors.js';
export { type Provider, provide } from './provider.js';
