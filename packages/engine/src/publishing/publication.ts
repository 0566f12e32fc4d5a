import { type DeliveryClass, Frame } from '../delivery/frame.js';

/** An event on its way to this instance's sessions. */
export interface PublicationOptions {
  /**
   * The event as a complete WebSocket frame (`textFrame`, `binaryFrame`) in the dialect a session speaks. Called once
   * per dialect among the sessions it reaches.
   */
  encode: (dialect: string) => Buffer;
  /** What may happen to it when a session reads too slowly. @default 'must' */
  deliveryClass?: DeliveryClass;
  /** For `latest`: what it is the latest of. */
  key?: string;
}

/** An event whose frame is built when the first session of a dialect needs it, and shared by the rest. */
export class Publication {
  #dialect: string | null = null;
  #frame: Frame | null = null;
  #others: Map<string, Frame> | null = null;

  constructor(readonly options: PublicationOptions) {}

  frame(dialect: string): Frame {
    if (dialect === this.#dialect) return this.#frame as Frame;
    let frame = this.#others?.get(dialect);
    if (frame === undefined) {
      const { encode, deliveryClass, key } = this.options;
      frame = new Frame(encode(dialect), deliveryClass, key ?? null);
      this.#others ??= new Map();
      this.#others.set(dialect, frame);
    }
    this.#dialect = dialect;
    this.#frame = frame;
    return frame;
  }
}
