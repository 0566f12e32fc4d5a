const firstBytes = 256;
const none = Buffer.alloc(0);

/** Bytes that come bit by bit. It grows with what has come, never with what was announced. */
export class Accumulator {
  #bytes = none;
  length = 0;

  /** What has come so far. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  append(source: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length, firstBytes));
      this.#bytes.copy(grown, 0, 0, this.length);
      this.#bytes = grown;
    }
    source.copy(this.#bytes, this.length, from, to);
    this.length = length;
  }
}
