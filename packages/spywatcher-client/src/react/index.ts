export type { ClientView } from './client-store.js';
export { type AnalyticsView, useAnalytics } from './use-analytics.js';
export type { SpywatcherSource } from './use-client.js';
export { type GuildEventsView, type UseGuildEventsOptions, useGuildEvents } from './use-guild-events.js';
