import { ProtocolError, RequestRejectedError } from '@roomcast/client-core';
import { parseCharacters, parseReply, parseSystems } from '@roomcast/killmails-protocol';
import { ids } from './options.js';
import type { Requests, Settled } from './requests.js';
import { Wishes } from './wishes.js';

/** How the two kinds of wishes are written on the wire. */
const kinds = {
  systems: {
    field: 'systems',
    subscribe: 'subscribe_systems',
    unsubscribe: 'unsubscribe_systems',
    listed: (response: object): unknown => Reflect.get(response, 'subscribed_systems'),
    parse: parseSystems,
  },
  characterIds: {
    field: 'character_ids',
    subscribe: 'subscribe_characters',
    unsubscribe: 'unsubscribe_characters',
    listed: (response: object): unknown => Reflect.get(response, 'subscribed_characters'),
    parse: parseCharacters,
  },
} as const;

/** The systems, or the characters, that are followed: wishes, and the requests that put them in force. */
export class Subscriptions {
  readonly wishes: Wishes;
  readonly #kind: (typeof kinds)[keyof typeof kinds];

  constructor(
    private readonly name: keyof typeof kinds,
    initial: readonly number[],
    private readonly requests: Requests,
  ) {
    this.#kind = kinds[name];
    this.wishes = new Wishes(initial);
  }

  async subscribe(list: readonly number[]): Promise<readonly number[]> {
    const wanted = ids(this.name, list);
    const { field, subscribe } = this.#kind;
    const added = this.wishes.add(wanted);
    try {
      const settled = await this.requests.send(subscribe, { [field]: wanted }, true);
      this.wishes.accepted(wanted);
      return this.#listedIn(settled, subscribe);
    } catch (error) {
      // After any other failure the wish stands: it is part of the next join.
      if (error instanceof RequestRejectedError) this.wishes.remove(added);
      throw error;
    }
  }

  async unsubscribe(list: readonly number[]): Promise<readonly number[]> {
    const unwanted = ids(this.name, list);
    const { field, unsubscribe } = this.#kind;
    this.wishes.remove(unwanted);
    return this.#listedIn(await this.requests.send(unsubscribe, { [field]: unwanted }, true), unsubscribe);
  }

  /** What the server says it has for us; older servers do not always say. */
  #listedIn(
    { by, response }: Settled,
    event: 'subscribe_systems' | 'unsubscribe_systems' | 'subscribe_characters' | 'unsubscribe_characters',
  ) {
    if (by === 'reply') {
      const reply = parseReply(event, response);
      if (!reply.ok) throw new ProtocolError(`the reply to ${event}`, reply.issues);
    }
    const listed = typeof response === 'object' && response !== null ? this.#kind.listed(response) : undefined;
    const parsed = this.#kind.parse(listed);
    return parsed.ok ? parsed.ids : this.wishes.list;
  }
}
