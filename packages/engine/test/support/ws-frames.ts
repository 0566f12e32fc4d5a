import { Writable } from 'node:stream';
import { Receiver, Sender } from 'ws';

// `ws` exports its parser and its encoder, and its types do not know them.
declare module 'ws' {
  export class Receiver extends Writable {
    constructor(options?: { isServer?: boolean; maxPayload?: number; maxFragments?: number });
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

/** Something that has come from a client: its kind, and what there is to tell of it. */
export type Seen = readonly [what: string, ...details: unknown[]];

/** What the parser of `ws` makes of a client's bytes, until it stops reading. */
export async function readAsServerWithWs(
  bytes: Buffer,
  { maxFrameBytes, maxFragments }: { maxFrameBytes: number; maxFragments: number },
): Promise<Seen[]> {
  const seen: Seen[] = [];
  const receiver = new Receiver({ isServer: true, maxPayload: maxFrameBytes, maxFragments });
  receiver.on('message', (data: Buffer, isBinary: boolean) =>
    seen.push(isBinary ? ['binary', data.toString('hex')] : ['text', data.toString()]),
  );
  receiver.on('ping', (data: Buffer) => seen.push(['ping', data.toString('hex')]));
  receiver.on('pong', () => seen.push(['pong']));
  receiver.on('conclude', (code: number, reason: Buffer) => seen.push(['close', code, reason.toString()]));
  receiver.on('error', (error) => {
    const code = Object.getOwnPropertySymbols(error).find(({ description }) => description === 'status-code');
    seen.push(['broken', code && (error as unknown as Record<symbol, unknown>)[code]]);
  });
  await new Promise<void>((resolve) => receiver.write(Buffer.from(bytes), () => resolve()));
  // Its events of one write are spread over several turns.
  await new Promise((resolve) => setImmediate(resolve));
  return seen;
}
