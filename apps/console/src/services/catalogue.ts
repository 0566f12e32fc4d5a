import type { Desk } from './desk.js';
import type { ServiceName } from './names.js';

export interface ServiceInfo {
  readonly title: string;
  /** For the narrowest screens. */
  readonly short: string;
  readonly about: string;
  readonly exampleUrl: string;
  /** What authenticates, for the form. */
  readonly tokenHint: string;
  /** Whom one is taken for with neither a token nor a demo role. */
  readonly withoutToken: string;
  /** Each view and its client come in a file of their own. */
  load(): Promise<{ createDesk(): Desk | Promise<Desk> }>;
}

export const catalogue: Readonly<Record<ServiceName, ServiceInfo>> = {
  killmails: {
    title: 'Killmails',
    short: 'Kills',
    about: 'Ships lost in EVE Online, by solar system',
    exampleUrl: 'ws://localhost:4004',
    tokenHint: 'An API token; it goes into the WebSocket’s URL',
    withoutToken: 'Nobody',
    load: () => import('../views/killmails/desk.js'),
  },
  falcon: {
    title: 'Falcon',
    short: 'Falcon',
    about: 'Rooms of an EVE Online community: chat, presence, notifications',
    exampleUrl: 'ws://localhost:3000/websocket/connect',
    tokenHint: 'Browsers send it as a cookie: only to a server on this page’s own host',
    withoutToken: 'The browser’s cookie',
    load: () => import('../views/falcon/desk.js'),
  },
  spywatcher: {
    title: 'SpyWatcher',
    short: 'Spy',
    about: 'A Discord guild’s activity: ghosts, lurkers, channels',
    exampleUrl: 'http://localhost:3001',
    tokenHint: 'An access token; it goes into the handshake',
    withoutToken: 'Nobody',
    load: () => import('../views/spywatcher/desk.js'),
  },
  raffle: {
    title: 'Raffle',
    short: 'Raffle',
    about: 'Boxes sold, winners drawn, credits issued',
    exampleUrl: 'ws://localhost:8081/ws',
    tokenHint: 'An access token; without one only public events arrive',
    withoutToken: 'Nobody',
    load: () => import('../views/raffle/desk.js'),
  },
  vmax: {
    title: 'VMAX',
    short: 'VMAX',
    about: 'A paintball field’s regulators: who has them, how charged they are',
    exampleUrl: 'ws://localhost:8080/ws',
    tokenHint: 'An access token; it goes into the WebSocket’s URL',
    withoutToken: 'Nobody',
    load: () => import('../views/vmax/desk.js'),
  },
};
