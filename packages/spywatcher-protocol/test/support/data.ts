import { readFileSync } from 'node:fs';
import type { ServerEventName } from '../../src/index.js';

export interface Example {
  event: ServerEventName;
  data: Record<string, unknown>;
}

export interface ActivityExample {
  guildId: string;
  activity: Record<string, unknown>;
}

function read<Value>(name: string): Value {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as Value;
}

export const guildId = '123456789012345678';

/** An event of each documented shape. */
export const examples = read<Example[]>('server-events');

/** A raw activity of each type. */
export const activityExamples = read<ActivityExample[]>('activities');

export function example(event: ServerEventName): Record<string, unknown> {
  const found = examples.find((one) => one.event === event);
  if (found === undefined) throw new Error(`there is no example of ${event}`);
  return found.data;
}
