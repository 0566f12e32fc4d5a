import { dialectNames } from '../dialects/index.js';

/** A server that takes part. */
export interface Contender {
  /** As the tables call it. */
  readonly name: string;
  /** Its name in `servers/index.ts`. */
  readonly server: string;
  /** A name in `speeches.ts`. */
  readonly speech: string;
  readonly runtime?: 'node' | 'bun';
  /** A program of the system that it can't do without. */
  readonly needs?: string;
}

export const naive: Contender = { name: 'ws', server: 'ws', speech: 'raw' };
export const socketIo: Contender = { name: 'socket.io', server: 'socket.io', speech: 'socket.io' };
export const ours: Contender = { name: 'roomcast', server: 'roomcast', speech: 'raw' };
export const bun: Contender = { name: 'bun', server: 'bun', speech: 'raw', runtime: 'bun', needs: 'bun' };

/** Ours in each dialect. */
export const dialects: readonly Contender[] = dialectNames.map((name) => ({
  name: `roomcast ${name}`,
  server: name,
  speech: name,
}));
