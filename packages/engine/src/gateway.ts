import type { Mount } from './mount.js';
import type { Spread } from './publishing/topics.js';

/** What is wrong with one field of an event that was to be published. */
export interface Issue {
  /** Where: `"payload.regulatorId"`, or `""` for the event itself. */
  readonly path: string;
  readonly message: string;
}

/** An event that passed the gateway's schema, or what is wrong with it. */
export type ParsedEvent<Event> =
  | { readonly ok: true; readonly event: Event }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * A domain's rules mounted on an engine, as the publish API sees it: every gateway package returns one of these. `name`
 * is the `<name>` of `/api/publish/<name>`.
 */
export interface Gateway<Event = unknown> {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a mount keeps about its sessions is the gateway's own business.
  readonly mount: Mount<any, any>;
  /** Checks one event from outside. Never throws. */
  parse(input: unknown): ParsedEvent<Event>;
  /**
   * Sees the events of one request together, between `parse` and `publish`, and returns what is published in their
   * places: for events that mean something else beside others. @default each is published as it is
   */
  prepare?(events: readonly Event[]): readonly Event[];
  /** Publishes an event that `parse` accepted. */
  publish(event: Event): Spread;
}
