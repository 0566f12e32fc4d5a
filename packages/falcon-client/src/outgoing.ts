import type { ClientMessage } from '@roomcast/falcon-protocol';

/**
 * An id for a message. Nobody else should guess the next one: what comes with the id of an optimistic message takes its
 * place.
 */
export function randomId(): string {
  const digits = () => Math.random().toString(36).slice(2);
  return digits() + digits();
}

/** What a message does, for errors. */
export function operationOf(message: ClientMessage): string {
  const { action, room, to }: { action?: string; room?: string | undefined; to?: string | undefined } =
    message.type === 'system' ? message.data : 'room' in message || 'to' in message ? message : {};
  return [action ?? message.type, room ?? to].filter(Boolean).join(' ');
}
