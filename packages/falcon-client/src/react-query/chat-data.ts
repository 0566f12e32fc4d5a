import type { PresenceOf, ServerMessage } from '@roomcast/falcon-client';
import { changeLists, isFields, mapChanged, type Order } from './shapes.js';

/** A message as it stands in the cache. One that was sent and not acknowledged yet is `pending`. */
export type CachedMessage = Readonly<Record<string, unknown>>;

export type ChatMessage = ServerMessage<'message'>;

/** How what comes becomes what the application's queries give. */
export interface ChatFormat {
  /**
   * A message of a thread as the application's `queryFn` would give it.
   * @default the message's data, with `id`, `from` and `timestamp` of the message where the data has none of its own
   */
  toMessage?: (message: ChatMessage, threadId: string) => CachedMessage;
  /**
   * What tells messages apart: one with the same id takes the place of the other.
   * @default message.id
   */
  idOf?: (message: CachedMessage) => unknown;
  /**
   * Where a new message goes in a list; of an infinite query's pages the first is the latest.
   * @default 'oldest-first'
   */
  order?: Order;
  /**
   * A thread with its latest message.
   * @default {...thread, lastMessage: message, updatedAt: timestamp}
   */
  updateThread?: (thread: CachedMessage, message: CachedMessage, timestamp: string | undefined) => CachedMessage;
  /**
   * A contact with a presence.
   * @default {...contact, status}
   */
  updateContact?: (contact: CachedMessage, presence: PresenceOf) => CachedMessage;
}

export const chatFormat: Readonly<Required<ChatFormat>> = Object.freeze({
  toMessage: ({ id, from, timestamp, data }: ChatMessage) => ({
    id,
    from,
    timestamp,
    ...(isFields(data) ? data : { data }),
  }),
  idOf: ({ id }: CachedMessage) => id,
  order: 'oldest-first' as const,
  updateThread: (thread: CachedMessage, lastMessage: CachedMessage, timestamp: string | undefined) => ({
    ...thread,
    lastMessage,
    ...(timestamp !== undefined && { updatedAt: timestamp }),
  }),
  updateContact: (contact: CachedMessage, { status }: PresenceOf) =>
    contact.status === status ? contact : { ...contact, status },
});

/** Adds a message, or puts it in the place of the one with its id. */
export function withMessage(data: unknown, message: CachedMessage, { idOf, order }: Required<ChatFormat>): unknown {
  const id = idOf(message);
  const isSame = (one: unknown) => id !== undefined && isFields(one) && idOf(one) === id;
  const replaced = changeLists(data, 'messages', (list) => mapChanged(list, (one) => (isSame(one) ? message : one)));
  if (replaced !== data) return replaced;
  return changeLists(data, 'messages', (list, isFirst) => {
    if (!isFirst) return list;
    return order === 'oldest-first' ? [...list, message] : [message, ...list];
  });
}

/** Adds a message that may be there already, in a later state. */
export function withMissingMessage(data: unknown, message: CachedMessage, format: Required<ChatFormat>): unknown {
  const id = format.idOf(message);
  let isThere = false;
  changeLists(data, 'messages', (list) => {
    isThere ||= list.some((one) => isFields(one) && format.idOf(one) === id);
    return list;
  });
  return isThere ? data : withMessage(data, message, format);
}

/** Takes a message back. */
export function withoutMessage(data: unknown, id: unknown, { idOf }: Required<ChatFormat>): unknown {
  return changeLists(data, 'messages', (list) => {
    const left = list.filter((one) => !isFields(one) || idOf(one) !== id);
    return left.length === list.length ? list : left;
  });
}

/** Changes a thread, in a list of threads or alone. */
export function withThread(data: unknown, threadId: string, change: (thread: CachedMessage) => CachedMessage): unknown {
  const changeOne = (one: unknown) => (isFields(one) && one.id === threadId ? change(one) : one);
  const changed = changeLists(data, 'threads', (list) => mapChanged(list, changeOne));
  return changed === data ? changeOne(data) : changed;
}

/** Sets the presence of contacts, by their `id`, `userId` or `user_id`. */
export function withPresence(
  data: unknown,
  presence: ReadonlyMap<string, PresenceOf>,
  { updateContact }: Required<ChatFormat>,
): unknown {
  return changeLists(data, 'contacts', (list) =>
    mapChanged(list, (contact) => {
      const known = isFields(contact) ? presence.get(contactIdOf(contact) ?? '') : undefined;
      return known === undefined ? contact : updateContact(contact as CachedMessage, known);
    }),
  );
}

/** The users that contacts are. */
export function contactIds(data: unknown): string[] {
  const ids: string[] = [];
  changeLists(data, 'contacts', (list) => {
    for (const contact of list) {
      const id = isFields(contact) ? contactIdOf(contact) : undefined;
      if (id !== undefined) ids.push(id);
    }
    return list;
  });
  return ids;
}

function contactIdOf(contact: CachedMessage): string | undefined {
  const id = contact.userId ?? contact.user_id ?? contact.id;
  return typeof id === 'string' ? id : undefined;
}
