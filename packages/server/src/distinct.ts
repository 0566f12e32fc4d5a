import { Buffer } from 'node:buffer';

/** Names remembered for one count: the error of an estimate is then below one percent, and the text 175 kB. */
const maxKept = 16_384;
const hashSpace = 2 ** 53;

/**
 * How many different names there are, on several instances together. Up to 16,384 it is exact. Beyond that it is
 * estimated from the smallest hashes, which are the same wherever a name appears: a set of them says as much about
 * millions of names as about a few.
 */
export class Distinct {
  /** Hashes below `#limit`; pruned to the smallest when there are twice as many as are kept. */
  #hashes = new Set<number>();
  #limit = hashSpace;

  add(name: string): void {
    this.#take(hashOf(name));
  }

  /** Adds the names of another count, as `encode` gave them. Throws where the text is none. */
  merge(text: string): void {
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length % 8 !== 0 || bytes.length > (maxKept + 1) * 8 || bytes.length === 0) {
      throw new RangeError('expected the hashes of names');
    }
    const limit = bytes.readDoubleLE(0);
    if (!(limit > 0 && limit <= hashSpace)) throw new RangeError('expected a limit of hashes');
    for (let at = 8; at < bytes.length; at += 8) this.#take(bytes.readDoubleLE(at));
    this.#lower(limit);
  }

  encode(): string {
    this.#prune();
    const bytes = Buffer.alloc((this.#hashes.size + 1) * 8);
    let at = bytes.writeDoubleLE(this.#limit, 0);
    for (const hash of this.#hashes) at = bytes.writeDoubleLE(hash, at);
    return bytes.toString('base64');
  }

  count(): { total: number; isEstimate: boolean } {
    this.#prune();
    if (this.#limit === hashSpace) return { total: this.#hashes.size, isEstimate: false };
    // Hashes are spread evenly: as many names are in each part of their space.
    return { total: Math.round((this.#hashes.size / this.#limit) * hashSpace), isEstimate: true };
  }

  #take(hash: number): void {
    if (hash >= this.#limit) return;
    this.#hashes.add(hash);
    if (this.#hashes.size >= 2 * maxKept) this.#prune();
  }

  #lower(limit: number): void {
    if (limit >= this.#limit) return;
    this.#limit = limit;
    for (const hash of this.#hashes) if (hash >= limit) this.#hashes.delete(hash);
  }

  #prune(): void {
    if (this.#hashes.size <= maxKept) return;
    const sorted = Float64Array.from(this.#hashes).sort();
    this.#lower(sorted[maxKept] as number);
  }
}

/** 53 bits from two rounds of multiplication and mixing: names that differ in one character are far apart. */
function hashOf(name: string): number {
  let one = 0x9e3779b9;
  let other = 0x85ebca6b;
  for (let index = 0; index < name.length; index++) {
    const code = name.charCodeAt(index);
    one = Math.imul(one ^ code, 0x9e3779b1);
    other = Math.imul(other ^ code, 0x5f356495);
  }
  one = mixed(one ^ (other >>> 15));
  other = mixed(other ^ (one >>> 13));
  return (one & 0x1fffff) * 2 ** 32 + (other >>> 0);
}

function mixed(value: number): number {
  let result = Math.imul(value ^ (value >>> 16), 0x21f0aaad);
  result = Math.imul(result ^ (result >>> 15), 0x735a2d97);
  return result ^ (result >>> 15);
}
