import { readFileSync } from 'node:fs';

export interface Example {
  type: string;
  payload?: Record<string, unknown>;
  timestamp?: string;
}

/** JSON examples of the document. */
export function fixture<Value = Example[]>(name: string): Value {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as Value;
}

/** The payload of the document's example of a server message. */
export function example(type: string): Record<string, unknown> {
  const found = fixture('server-messages').find((message) => message.type === type);
  if (found?.payload === undefined) throw new Error(`the document has no example of ${type}`);
  return found.payload;
}
