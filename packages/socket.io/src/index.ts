export type { Connection } from './connection.js';
export type { Broadcast, Message } from './messages.js';
export { type SocketIoOptions, socketIoDefaults } from './options.js';
export { type AttachOptions, SocketIo, socketIo } from './server.js';
