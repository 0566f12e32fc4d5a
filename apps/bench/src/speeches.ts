import { dialectNamed } from './dialects/index.js';
import { rawSpeech } from './loader/raw-speech.js';
import { socketIoSpeech } from './loader/socket-io-speech.js';
import type { Speech } from './loader/speech.js';

/** How the loader speaks, by name: `raw`, `socket.io` or a dialect's. */
export async function speeches(name: string): Promise<Speech> {
  if (name === 'raw') return rawSpeech;
  return name === 'socket.io' ? socketIoSpeech : (await dialectNamed(name)).speech;
}
