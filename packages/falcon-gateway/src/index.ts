export type { Authenticated, CredentialHeaders } from './authentication.js';
export type { Client } from './client.js';
export type { Told } from './frames.js';
export { FalconGateway, falconGateway } from './gateway.js';
export type { MemberNews, News } from './news.js';
export {
  type FalconDirectory,
  type FalconGatewayOptions,
  falconGatewayDefaults,
  type Group,
  type VerifyToken,
} from './options.js';
export type { ConnectionFilter, Overview, Page, RoomFilter } from './overview.js';
