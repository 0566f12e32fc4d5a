import { readFileSync } from 'node:fs';

/** JSON examples of the document. */
export function fixture(name: 'client-messages' | 'server-messages' | 'envelope' | 'stats'): unknown {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));
}

export interface Message {
  message_type: string;
  data: Record<string, unknown>;
  timestamp: string;
}

export const serverMessages = fixture('server-messages') as readonly Message[];

/** The examples that are events. */
export const eventMessages = serverMessages.filter(({ message_type }) => message_type !== 'pong');
