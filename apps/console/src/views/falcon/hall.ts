import type { ServerMessage } from '@roomcast/falcon-client';
import { Pulse } from '../../live/pulse.js';
import { Recent } from '../../live/recent.js';

/** A line of a room's chat. */
interface ChatLine {
  readonly number: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sender: string;
  readonly isOwn: boolean;
  readonly text: string;
}

/** A room that has been heard of. */
export interface Room {
  /** Connections in it, on all instances. */
  members: number | undefined;
  /** Lines that came while another room was shown. */
  unread: number;
  readonly lines: Recent<ChatLine>;
}

const keptLines = 300;
const maxRooms = 200;

/** The rooms of a connection and what was said in them. */
export class Hall {
  readonly pulse = new Pulse();
  readonly #rooms = new Map<string, Room>();
  /** The room on the screen. */
  #shown = '';

  /** The room of an id, empty where nothing has been heard of it. */
  room(id: string): Room {
    const known = this.#rooms.get(id);
    if (known) return known;
    const room: Room = { members: undefined, unread: 0, lines: new Recent(keptLines) };
    this.#rooms.set(id, room);
    const [oldest] = this.#rooms.keys();
    if (this.#rooms.size > maxRooms && oldest !== undefined) this.#rooms.delete(oldest);
    return room;
  }

  show(id: string): void {
    if (this.#shown === id) return;
    this.#shown = id;
    this.room(id).unread = 0;
    this.pulse.changed();
  }

  /** @param connectionId of this connection */
  apply(message: ServerMessage, connectionId: string | undefined): void {
    const { type, data } = message;
    if (type === 'room_joined' || type === 'room_left' || type === 'room_update') {
      const id = data.room_id ?? message.room;
      if (id !== undefined && data.member_count !== undefined) this.room(id).members = data.member_count;
    }
    if ((type === 'message' || type === 'custom_event') && message.room !== undefined) {
      this.#say(message.room, message, connectionId);
    }
    this.pulse.changed();
  }

  clear(): void {
    this.#rooms.clear();
    this.#shown = '';
    this.pulse.changed();
  }

  #say(id: string, message: ServerMessage<'message' | 'custom_event'>, connectionId: string | undefined): void {
    const room = this.room(id);
    const isOwn = message.from !== undefined && message.from === connectionId;
    room.lines.add({
      number: room.lines.total + 1,
      at: Date.parse(message.timestamp ?? '') || Date.now(),
      sender: senderOf(message, isOwn),
      isOwn,
      text: textOf(message.data),
    });
    if (id !== this.#shown) room.unread++;
  }
}

/** Applications put what they like in `data`; these are the names that most of them use. */
function textOf(data: unknown): string {
  for (const name of ['text', 'message', 'content']) {
    const text = fieldOf(data, name);
    if (typeof text === 'string') return text;
  }
  return JSON.stringify(data) ?? '';
}

function senderOf({ type, data, from }: ServerMessage<'message' | 'custom_event'>, isOwn: boolean): string {
  const sender = fieldOf(data, 'sender');
  if (typeof sender === 'string') return sender;
  if (isOwn) return 'You';
  if (type === 'custom_event') return 'Event';
  return from === undefined ? 'The backend' : `Connection ${from.slice(0, 8)}`;
}

function fieldOf(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined;
}
