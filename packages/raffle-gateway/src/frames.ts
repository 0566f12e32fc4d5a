import { textFrame } from '@roomcast/engine';
import type { RaffleEvent } from '@roomcast/raffle-protocol';

/** An event with its time: what travels between instances. */
export type PublishedEvent = RaffleEvent & { readonly timestamp: string };

/** An event as every connection gets it. */
export function eventFrame({ message_type, data, timestamp }: PublishedEvent): Buffer {
  return textFrame(JSON.stringify({ message_type, data, timestamp }));
}

/** What those are told who may have missed events, and asked to be told. */
export function missedFrame(now: number): Buffer {
  const timestamp = new Date(now).toISOString();
  return textFrame(JSON.stringify({ message_type: 'events_missed', data: {}, timestamp }));
}

/** Answers to `ping`: those of the same millisecond share one frame. */
export class Pongs {
  #at = -1;
  #frame: Buffer = Buffer.alloc(0);

  frame(now: number): Buffer {
    if (now !== this.#at) {
      this.#at = now;
      const data = { timestamp: Math.floor(now / 1000) };
      this.#frame = textFrame(JSON.stringify({ message_type: 'pong', data, timestamp: new Date(now).toISOString() }));
    }
    return this.#frame;
  }
}
