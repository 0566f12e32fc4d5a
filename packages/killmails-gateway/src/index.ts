export { KillmailsGateway, type KillmailsStats, killmailsGateway } from './gateway.js';
export { History, type HistoryOptions, type RecentKill } from './history.js';
export { KillCounts } from './kill-counts.js';
export type { Counted, Kills } from './kills.js';
export {
  type KillmailsGatewayOptions,
  killmailsGatewayDefaults,
  type SavedState,
  type VerifyToken,
} from './options.js';
