import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Engine, Mount, PublicationOptions, Session } from '@roomcast/engine';
import { serializerOf } from './dialects.js';
import { handshakeFault } from './handshake.js';
import { type PhoenixOptions, resolvePhoenixOptions } from './options.js';
import { EncodedJson, isBinary } from './payload.js';
import { noRef } from './ref.js';
import { PhoenixRefusal } from './refusals.js';
import type { PhoenixSocket } from './socket.js';
import { PhoenixWire } from './wire.js';

/** To whom a broadcast goes, and what may happen to it when a session reads too slowly. */
export interface BroadcastOptions<Assigns> extends Pick<PublicationOptions, 'deliveryClass' | 'key'> {
  /** The members of any of these rooms, each once. @default the room named like the topic: all who have joined it */
  rooms?: Iterable<string>;
  /** These sessions instead. */
  sessions?: Iterable<Session<PhoenixSocket<Assigns>>>;
  except?: Session<PhoenixSocket<Assigns>>;
}

/** Serves Phoenix Channels by an engine. Throws `EngineOptionsError` where an option makes no sense. */
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
    this.mount = engine.mount({ ...resolved, paths: this.#paths, wire: new PhoenixWire(resolved) });
  }

  /**
   * Sends an event to sessions of this instance, encoded once per dialect and with no join_ref; returns how many it
   * reached. A binary payload reaches those that speak V2 only.
   *
   * @param payload a JSON value, an `EncodedJson`, or bytes
   */
  broadcast(topic: string, event: string, payload: unknown = {}, options: BroadcastOptions<Assigns> = {}): number {
    const { rooms = [topic], sessions, except, deliveryClass, key } = options;
    const to = isBinary(payload) ? binarySessions(sessions ?? this.#members(rooms)) : sessions;
    return this.mount.deliver(
      { ...(to === undefined ? { rooms } : { sessions: to }), ...(except && { except }) },
      { encode: eventEncoder(topic, event, payload), ...(deliveryClass && { deliveryClass }), ...(key && { key }) },
    );
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

  *#members(rooms: Iterable<string>): IterableIterator<Session<PhoenixSocket<Assigns>>> {
    for (const room of rooms) yield* this.mount.rooms.members(room) ?? [];
  }
}

/** An event as `mount.deliver` takes it: its payload is encoded once, however many dialects ask. */
export function eventEncoder(topic: string, event: string, payload: unknown): (dialect: string) => Buffer {
  const shared = isBinary(payload) || payload instanceof EncodedJson ? payload : EncodedJson.of(payload);
  const topicJson = JSON.stringify(topic);
  return (dialect) =>
    serializerOf(dialect).event({ joinRef: noRef, ref: noRef, topic: topicJson, event, payload: shared });
}

function* binarySessions<Assigns>(
  sessions: Iterable<Session<PhoenixSocket<Assigns>>>,
): IterableIterator<Session<PhoenixSocket<Assigns>>> {
  for (const session of sessions) if (session.dialect === 'v2') yield session;
}
