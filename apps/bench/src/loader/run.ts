import { speeches } from '../speeches.js';
import type { Target } from './client.js';
import type { Placement, Samples } from './meter.js';
import { type BesideLoad, beside } from './modes/beside.js';
import { type ConnectLoad, connect } from './modes/connect.js';
import { type FiltersLoad, filters } from './modes/filters.js';
import { type GridLoad, grid } from './modes/grid.js';
import { type HooksLoad, hooks } from './modes/hooks.js';
import { type HttpLoad, http } from './modes/http.js';
import { type IdleLoad, idle } from './modes/idle.js';
import { type IngestLoad, ingest } from './modes/ingest.js';
import { type PingsLoad, pings } from './modes/pings.js';
import { type RemoteLoad, remote } from './modes/remote.js';
import { type RequestsLoad, requests } from './modes/requests.js';
import { type RoomLoad, room } from './modes/room.js';
import { type RoomsLoad, rooms } from './modes/rooms.js';
import { type SpreadLoad, spread } from './modes/spread.js';
import { type StalledLoad, stalled } from './modes/stalled.js';
import type { Site } from './site.js';

/** What the loader is to do. */
export type Load =
  | BesideLoad
  | ConnectLoad
  | FiltersLoad
  | GridLoad
  | HooksLoad
  | HttpLoad
  | IdleLoad
  | IngestLoad
  | PingsLoad
  | RemoteLoad
  | RequestsLoad
  | RoomLoad
  | RoomsLoad
  | SpreadLoad
  | StalledLoad;

export interface LoadOrder {
  readonly load: Load;
  /** A name in `speeches.ts`. */
  readonly speech: string;
  readonly target: Target;
  readonly placement: Placement;
}

export async function runLoad({ load, speech, target, placement }: LoadOrder): Promise<Samples> {
  const site: Site = { target, placement, speech: await speeches(speech) };
  switch (load.mode) {
    case 'beside':
      return beside(load, site, speech);
    case 'connect':
      return connect(load, site);
    case 'filters':
      return filters(load, site);
    case 'grid':
      return grid(load, site);
    case 'hooks':
      return hooks(load, site);
    case 'http':
      return http(load, site);
    case 'idle':
      return idle(load, site);
    case 'ingest':
      return ingest(load, placement);
    case 'pings':
      return pings(load, site);
    case 'remote':
      return remote(load, site);
    case 'requests':
      return requests(load, site);
    case 'room':
      return room(load, site);
    case 'rooms':
      return rooms(load, site);
    case 'spread':
      return spread(load, site);
    case 'stalled':
      return stalled(load, site);
  }
}
