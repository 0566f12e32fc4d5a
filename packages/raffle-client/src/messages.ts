import type { ClientData, ClientMessageType } from '@roomcast/raffle-protocol';

/** A client's message as it goes over the wire. */
export function clientMessage<T extends ClientMessageType>(type: T, data: ClientData<T>): string {
  return JSON.stringify({ message_type: type, data });
}
