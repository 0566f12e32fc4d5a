import type { ComponentType } from 'react';
import type { OpenClient } from '../connection/client.js';
import type { Line } from '../connection/line.js';

/** An event that can be published to see what it does. */
export interface Template {
  readonly name: string;
  /** As the publish API takes it. @param index counts up, so that many in a row differ */
  make(index: number): object;
}

/** What a service's view is made of, beside its line. */
export interface Desk {
  readonly open: OpenClient;
  /** Forgets what was seen: it was another server's, or another person's. */
  reset(): void;
  readonly templates: readonly Template[];
  readonly View: ComponentType<{ line: Line }>;
}
