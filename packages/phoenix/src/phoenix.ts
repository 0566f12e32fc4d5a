import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine, Mount } from '@roomcast/engine';
import { type BroadcastOptions, broadcast } from './broadcast.js';
import { handshakeFault } from './handshake.js';
import { type PhoenixOptions, resolvePhoenixOptions } from './options.js';
import { PhoenixRefusal } from './refusals.js';
import type { PhoenixSocket } from './socket.js';
import { PhoenixWire } from './wire.js';

/**
 * Serves Phoenix Channels by an engine. Throws `EngineOptionsError` where an option makes no sense, and
 * `MountConflictError` where the name or the path is taken.
 */
export function phoenixWire<Assigns, Event = unknown>(
  engine: Engine,
  options: PhoenixOptions<Assigns, Event>,
): Phoenix<Assigns, Event> {
  return new Phoenix(engine, options);
}

/** A Phoenix socket that an engine serves. */
export class Phoenix<Assigns = unknown, Event = unknown> {
  readonly mount: Mount<PhoenixSocket<Assigns>, Event>;
  readonly #paths: readonly string[];

  constructor(engine: Engine, options: PhoenixOptions<Assigns, Event>) {
    const resolved = resolvePhoenixOptions(options);
    this.#paths = [`${resolved.path}/websocket`, `${resolved.path}/websocket/`];
    const wire = new PhoenixWire(resolved, (...to) => this.broadcast(...to));
    this.mount = engine.mount({ ...resolved, paths: this.#paths, wire });
  }

  /**
   * Sends an event to sessions of this instance, encoded once per dialect and with no join_ref; returns how many it
   * reached. A binary payload reaches those that speak V2 only.
   *
   * @param payload a JSON value, an `EncodedJson`, or bytes
   */
  broadcast(topic: string, event: string, payload: unknown = {}, options: BroadcastOptions<Assigns> = {}): number {
    return broadcast(this.mount, topic, event, payload, options);
  }

  /**
   * Answers a plain HTTP request for the socket's path as the original does, with 400 and what is missing; false, with
   * nothing touched, for any other path. For an application that wants it: upgrades need no such call.
   */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean {
    if (!this.#paths.includes((request.url ?? '').split('?', 1)[0] as string)) return false;
    const fault = request.method === 'GET' ? handshakeFault(request) : undefined;
    const { status, body, headers } = new PhoenixRefusal(400, fault);
    response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) }).end(body);
    return true;
  }
}
