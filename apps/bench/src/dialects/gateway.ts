import type { Gateway } from '@roomcast/engine';
import type { Served } from './dialect.js';

/** A gateway that checks events as the publish API does, and publishes them. */
export function served<Event>(gateway: Gateway<Event>): Served {
  return {
    gateway: gateway as Gateway,
    publish(_room, value) {
      const parsed = gateway.parse(value);
      if (!parsed.ok) throw new Error(`the benchmark's own event was refused: ${JSON.stringify(parsed.issues)}`);
      return gateway.publish(parsed.event);
    },
  };
}
