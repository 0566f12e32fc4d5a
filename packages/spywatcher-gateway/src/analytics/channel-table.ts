/** A table is never fuller than this, or looking things up takes long. */
const maxLoad = 0.6;
const minCapacity = 64;
/** Channels of one guild that are told apart: Discord has at most 500 in a guild. */
export const maxChannels = 512;

/** What an empty place holds: `row * maxChannels + channel`, plus one, is never 0. */
const empty = 0;

/**
 * When each member was last active in each channel: a hash table in two typed arrays, 8 bytes a place. A `Map` for each
 * of 100,000 members would take five times as much.
 */
export class ChannelTable {
  #keys = new Uint32Array(minCapacity);
  #times = new Uint32Array(minCapacity);
  #size = 0;

  /** Bytes that the table takes. */
  get bytes(): number {
    return this.#keys.byteLength + this.#times.byteLength;
  }

  /**
   * Remembers that a member was active in a channel; an earlier time changes nothing. True where that is new, or was known
   * from before `since` only.
   */
  touch(row: number, channel: number, time: number, since: number): boolean {
    if (this.#size >= this.#keys.length * maxLoad) this.#resize(this.#keys.length * 2);
    const key = row * maxChannels + channel + 1;
    const place = this.#place(key);
    const isKnown = this.#keys[place] === key;
    if (!isKnown) {
      this.#keys[place] = key;
      this.#size++;
    }
    const before = isKnown ? (this.#times[place] as number) : 0;
    if (!isKnown || before < time) this.#times[place] = time;
    return !isKnown || before < since;
  }

  /** Visits every pair whose time is `since` or later. */
  each(since: number, visit: (row: number, channel: number, time: number) => void): void {
    for (let place = 0; place < this.#keys.length; place++) {
      const key = (this.#keys[place] as number) - 1;
      const time = this.#times[place] as number;
      if (key >= 0 && time >= since) visit(Math.floor(key / maxChannels), key % maxChannels, time);
    }
  }

  /** Row, channel and time of every pair whose time is `since` or later. */
  triples(since: number): Uint32Array<ArrayBuffer> {
    const triples = new Uint32Array(this.#size * 3);
    let at = 0;
    this.each(since, (row, channel, time) => {
      triples[at++] = row;
      triples[at++] = channel;
      triples[at++] = time;
    });
    return triples.slice(0, at);
  }

  #place(key: number): number {
    const mask = this.#keys.length - 1;
    let place = mixed(key) & mask;
    while (this.#keys[place] !== empty && this.#keys[place] !== key) place = (place + 1) & mask;
    return place;
  }

  #resize(capacity: number): void {
    const keys = this.#keys;
    const times = this.#times;
    this.#keys = new Uint32Array(capacity);
    this.#times = new Uint32Array(capacity);
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index] as number;
      if (key === empty) continue;
      const place = this.#place(key);
      this.#keys[place] = key;
      this.#times[place] = times[index] as number;
    }
  }
}

/** MurmurHash3's last step: rows and channels are regular, and anything less leaves them lying side by side. */
function mixed(key: number): number {
  let hash = Math.imul(key ^ (key >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
