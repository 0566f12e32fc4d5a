import { plainEvent } from './raw-speech.js';
import type { Speech, Step } from './speech.js';

/** Engine.IO opens, then Socket.IO connects; only then may a client speak. */
const connected: readonly Step[] = [
  { send: null, frames: 1 },
  { send: '40', frames: 1 },
];
const path = '/socket.io/?EIO=4&transport=websocket';

/** The same requests as the raw protocol's, as Socket.IO events over the WebSocket transport. */
export const socketIoSpeech: Speech = {
  memberPath: () => path,
  join: (_member, rooms) => [...connected, { send: `42["join",${JSON.stringify(rooms)}]`, frames: 1 }],
  publisherPath: path,
  publisherJoin: connected,
  publish: (room, n) => `42["pub","${room}",${plainEvent(n)}]`,
  ping: '42["ping"]',
  heartbeat: { bytes: 1, answer: '3' },
};
