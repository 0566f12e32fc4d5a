import { Writable } from 'node:stream';
import { Receiver, Sender } from 'ws';

// `ws` exports its parser and its encoder, and its types do not know them.
declare module 'ws' {
  export class Receiver extends Writable {
    constructor(options?: { isServer?: boolean; maxPayload?: number });
  }
  export const Sender: {
    frame(
      data: Buffer,
      options: { fin: boolean; rsv1: boolean; opcode: number; mask: boolean; readOnly: boolean },
    ): Buffer[];
  };
}

export interface ReadMessage {
  data: Buffer;
  isBinary: boolean;
}

/** What the parser of `ws` makes of a server's bytes. Rejects where it finds them wrong. */
export async function readWithWs(bytes: Buffer): Promise<ReadMessage[]> {
  const messages: ReadMessage[] = [];
  const receiver = new Receiver({ isServer: false });
  receiver.on('message', (data: Buffer, isBinary: boolean) => messages.push({ data, isBinary }));
  await new Promise<void>((resolve, reject) => {
    receiver.on('error', reject);
    receiver.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
  return messages;
}

/** The frame that `ws` builds for a payload a server sends. */
export function frameOfWs(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat(Sender.frame(payload, { fin: true, rsv1: false, opcode, mask: false, readOnly: true }));
}
