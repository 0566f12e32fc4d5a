import type { RoomType } from './rooms.js';

/** `GET /websocket/status`. */
export interface StatusAnswer {
  readonly module: 'websocket';
  /** `unhealthy` while the bus between instances is down. */
  readonly status: 'healthy' | 'unhealthy';
  readonly stats: {
    /** Since the start. */
    readonly total_connections: number;
    readonly active_connections: number;
    readonly total_rooms: number;
    /** Messages that came from clients. */
    readonly messages_processed: number;
    /** Frames that went to clients. */
    readonly messages_broadcast: number;
    /** RFC 3339; null before the first. */
    readonly last_connection_time: string | null;
  };
  readonly message: string;
}

export interface ConnectionAnswer {
  readonly id: string;
  readonly user_id: string;
  readonly character_id: number | null;
  readonly character_name: string | null;
  readonly rooms: readonly string[];
  /** RFC 3339. */
  readonly created_at: string;
}

export interface RoomAnswer {
  readonly id: string;
  readonly type: RoomType;
  /** The group's name where it is known, else the id without its prefix. */
  readonly name: string;
  readonly member_count: number;
}

interface ListAnswer {
  /** How many there are, beyond the page too. */
  readonly total: number;
  /** The `after` of the next page, where there is one. */
  readonly next?: string;
  /** An instance did not answer in time: what it has is missing. */
  readonly incomplete?: true;
}

/** `GET /websocket/connections`. */
export interface ConnectionsAnswer extends ListAnswer {
  readonly connections: readonly ConnectionAnswer[];
}

/** `GET /websocket/rooms`. */
export interface RoomsAnswer extends ListAnswer {
  readonly rooms: readonly RoomAnswer[];
}

/** `POST /websocket/broadcast`, and `…/message` of a connection, user or room. */
export interface SentAnswer {
  readonly success: boolean;
  /** The `id` of the frames. */
  readonly message_id: string;
  /** Connections it was for. */
  readonly recipients_count: number;
  /** RFC 3339. */
  readonly timestamp: string;
  readonly message: string;
}

/** What went wrong (RFC 9457), with content type `application/problem+json`. */
export interface ProblemAnswer {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** 422: the fields that were wrong. */
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
}
