export { openClient, TestClient, type TestClientClose, UpgradeRefused } from './client.js';
export { ManualClock, turns } from './clock.js';
export { eventually } from './eventually.js';
export { type Listening, listen } from './listen.js';
export { type LogLine, RecordingLogger } from './log.js';
