import type { ClusterMessage, ClusterResponse } from 'socket.io-adapter';

/** An event for rooms of a namespace: all of it where no room is named. */
export interface Broadcast {
  readonly kind: 'broadcast';
  readonly namespace: string;
  readonly rooms: readonly string[];
  readonly except: readonly string[];
  /** It may be left out for a client that is not ready to receive. */
  readonly volatile: boolean;
  /** The event and its arguments. */
  readonly data: readonly unknown[];
  /** Where arguments hold bytes: the packet as Socket.IO writes it, bytes in base64, instead of `data`. */
  readonly packed?: readonly string[];
}

/** What the instances of a mount tell each other. */
export type Message<Event> =
  | { readonly kind: 'event'; readonly event: Event }
  | Broadcast
  | { readonly kind: 'request'; readonly message: ClusterMessage }
  | { readonly kind: 'answer'; readonly message: ClusterResponse };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** A message that came over the bus, or undefined where it is none of ours. `decode` checks an application's event. */
export function parseMessage<Event>(
  value: unknown,
  decode: (event: unknown) => Event | undefined,
): Message<Event> | undefined {
  if (!isObject(value)) return undefined;
  switch (value.kind) {
    case 'event': {
      const event = decode(value.event);
      return event === undefined ? undefined : { kind: 'event', event };
    }
    case 'broadcast':
      return parseBroadcast(value);
    case 'request':
    case 'answer': {
      const { message } = value;
      if (!isObject(message) || typeof message.uid !== 'string' || typeof message.nsp !== 'string') return undefined;
      if (typeof message.type !== 'number' || !isObject(message.data)) return undefined;
      // Other instances run the same code; what their requests hold is Socket.IO's business.
      return { kind: value.kind, message } as Message<Event>;
    }
    default:
      return undefined;
  }
}

function parseBroadcast(value: Record<string, unknown>): Broadcast | undefined {
  const { namespace, rooms, except, volatile, data, packed } = value;
  if (typeof namespace !== 'string' || !isTexts(rooms) || !isTexts(except) || !Array.isArray(data)) return undefined;
  const broadcast = { kind: 'broadcast', namespace, rooms, except, volatile: volatile === true, data } as const;
  if (packed === undefined) return data.length > 0 ? broadcast : undefined;
  return isTexts(packed) ? { ...broadcast, packed } : undefined;
}
