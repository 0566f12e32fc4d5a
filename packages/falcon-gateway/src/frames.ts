import { textFrame } from '@roomcast/engine';
import {
  type ErrorCode,
  encodeServerMessage,
  type MessageType,
  type ServerData,
  type ServerEnvelope,
} from '@roomcast/falcon-protocol';
import type { FalconSession } from './client.js';

/** A server message before it is bytes: the form in which it travels between instances. */
export type Told<Type extends MessageType = MessageType> = {
  [Each in Type]: Omit<ServerEnvelope, 'timestamp'> & {
    readonly type: Each;
    readonly data: ServerData[Each];
    /** When it was sent, in milliseconds since the epoch: the timestamp that every instance writes. */
    readonly at: number;
  };
}[Type];

export function frameOf({ type, data, at, ...envelope }: Told): Buffer {
  return textFrame(encodeServerMessage(type, data, at, envelope));
}

/** Answers one session. */
export class Replies {
  constructor(readonly now: () => number) {}

  send<Type extends MessageType>(
    session: FalconSession,
    type: Type,
    data: ServerData[Type],
    envelope: Omit<ServerEnvelope, 'timestamp'> = {},
  ): void {
    session.reply(textFrame(encodeServerMessage(type, data, this.now(), envelope)));
  }

  /** Tells that a message was carried out, where nothing else does: only who gave it an id wants to know. */
  acknowledge(session: FalconSession, id: string | undefined, action: string, room?: string): void {
    if (id !== undefined) this.send(session, 'system', { action, ok: true, room }, { id });
  }

  refuse(session: FalconSession, id: string | undefined, code: ErrorCode, message: string): void {
    this.send(session, 'error', { message, code }, { id });
  }
}
