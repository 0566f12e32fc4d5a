export { VmaxGateway, vmaxGateway } from './gateway.js';
export type { Client, Member } from './member.js';
export {
  type FleetLookup,
  type VerifyToken,
  type VmaxGatewayOptions,
  vmaxGatewayDefaults,
} from './options.js';
export type { Announcement, FleetNews, VmaxEvent } from './publish.js';
