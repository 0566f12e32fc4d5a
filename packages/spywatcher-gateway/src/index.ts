export type { LimiterFactory } from './attempts.js';
export { SpywatcherGateway, spywatcherGateway } from './gateway.js';
export {
  type GuildsOf,
  type SpywatcherGatewayOptions,
  spywatcherGatewayDefaults,
  type VerifyToken,
} from './options.js';
export { type SavedSpywatcher, savedSpywatcher } from './saved.js';
export type { SpywatcherServer, SpywatcherSocket } from './types.js';
