export { useFalconClient } from './context.js';
export { WebSocketDemo, type WebSocketDemoProps } from './demo/websocket-demo.js';
export { WebSocketProvider, type WebSocketProviderProps } from './provider.js';
export {
  type Notification,
  type NotificationData,
  type UsePersonalRoomOptions,
  useGroupRoom,
  usePersonalRoom,
} from './use-assigned-rooms.js';
export { type PresenceView, type UsePresence, type UsePresenceOptions, usePresence } from './use-presence.js';
export { type Room, type RoomMessage, type RoomView, type UseRoomOptions, useRoom } from './use-room.js';
export { useWebSocketStatus, type WebSocketStatus } from './use-status.js';
