import type * as z from 'zod/mini';
import type { user } from './claims.js';
import type { Ack, ClientEventName } from './client-events.js';
import type { ServerEventName, ServerEvents } from './server-events.js';

/** For `new Server<ClientToServerEvents, ServerToClientEvents, …>()` and `Socket<ServerToClientEvents, …>`. */
export type ServerToClientEvents = { [Name in ServerEventName]: (data: ServerEvents[Name]) => void };

export type ClientToServerEvents = {
  [Name in ClientEventName]: (guildId: string, acknowledge?: (ack: Ack) => void) => void;
};

/** What a server keeps in `socket.data`, and what other instances read of it. */
export interface SocketData {
  user: z.infer<typeof user>;
}
