import { type Cluster, RoomcastError } from '@roomcast/engine';
import { type Addressed, type ErrorCode, isId, isRoomId } from '@roomcast/falcon-protocol';
import type { FalconSession } from './client.js';
import { frameOf, type Told } from './frames.js';
import { parseTold } from './news.js';

/** A message for one connection, with what the instance that has it needs to decide whether it may be had. */
interface Letter {
  readonly to: string;
  /** One of these the connection must be in. */
  readonly rooms: readonly string[];
  readonly told: Told;
}

export interface DirectHost {
  name: string;
  cluster: Pick<Cluster, 'answer' | 'ask' | 'members'>;
  /** The connection of that id, where it is here. */
  connection(id: string): FalconSession | undefined;
  now(): number;
}

/** Messages from one connection to another, on whichever instance that is. Only who shares a room can be written to. */
export class Direct {
  readonly #question: string;

  constructor(readonly host: DirectHost) {
    this.#question = `${host.name}.direct`;
    host.cluster.answer(this.#question, (value) => {
      const letter = parseLetter(value);
      return letter !== undefined && this.#deliver(letter);
    });
  }

  /** Why it did not arrive; undefined where it has. */
  async send(
    session: FalconSession,
    { type, room, to = '', data, id }: Addressed,
  ): Promise<readonly [code: ErrorCode, message: string] | undefined> {
    const told: Told = { type, room, from: session.id, to, data, at: this.host.now(), id };
    const letter: Letter = { to, rooms: room === undefined ? [...session.rooms] : [room], told };
    if (this.#deliver(letter)) return undefined;
    const unknown = ['unknown_recipient', 'to: expected a connection that shares a room with yours'] as const;
    if (this.host.connection(to) !== undefined) return unknown;
    const [, ...others] = this.host.cluster.members.ids();
    if (others.length === 0) return unknown;
    try {
      const { answers, missing } = await this.host.cluster.ask<boolean>(this.#question, letter, { of: others });
      if ([...answers.values()].includes(true)) return undefined;
      const silent = [...missing.values()].some((why) => why !== 'gone');
      return silent ? ['unavailable', 'an instance of the server gives no answer: try again later'] : unknown;
    } catch (error) {
      // Questions between instances have a limit of their own, far above the usual one for data.
      if (!(error instanceof RoomcastError)) throw error;
      return ['data_too_large', 'data: expected less for a connection on another instance, got too much'];
    }
  }

  #deliver({ to, rooms, told }: Letter): boolean {
    const target = this.host.connection(to);
    if (target === undefined || !rooms.some((room) => target.rooms.has(room))) return false;
    target.send(frameOf(told));
    return true;
  }
}

function parseLetter(value: unknown): Letter | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { to, rooms, told: text } = value as Record<string, unknown>;
  const told = parseTold(text);
  if (!isId(to) || !Array.isArray(rooms) || !rooms.every(isRoomId) || told === undefined) return undefined;
  return { to, rooms, told };
}
