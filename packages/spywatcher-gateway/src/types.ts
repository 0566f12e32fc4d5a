import type { ClientToServerEvents, ServerToClientEvents, SocketData } from '@roomcast/spywatcher-protocol';
import type { DefaultEventsMap, Server, Socket } from 'socket.io';

export type SpywatcherServer = Server<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
export type SpywatcherSocket = Socket<ClientToServerEvents, ServerToClientEvents, DefaultEventsMap, SocketData>;
