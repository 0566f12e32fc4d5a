export { createRedisBus, RedisBus, type RedisBusOptions } from './bus.js';
export type { TlsOptions } from './client.js';
export { type RedisState, redisState } from './state.js';
