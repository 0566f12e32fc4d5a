const slotCount = 16_384;

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000 ? (value << 1) ^ 0x1021 : value << 1;
  return value & 0xffff;
});

/**
 * The hash slot of a key or sharded channel, as the cluster specification defines it: CRC-16/XMODEM of the name, or of
 * what stands in its first pair of braces, modulo 16384.
 */
export function slotOf(name: string): number {
  const open = name.indexOf('{');
  const close = name.indexOf('}', open + 1);
  const hashed = open >= 0 && close > open + 1 ? name.slice(open + 1, close) : name;
  let crc = 0;
  for (const byte of Buffer.from(hashed)) crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ byte] as number);
  return crc % slotCount;
}

/** A range of slots, both ends included, and where it is. */
export interface SlotRange<Master> {
  readonly from: number;
  readonly to: number;
  readonly master: Master;
}

/** Which of `nodes` has each slot, from what `CLUSTER SLOTS` answers. */
export class SlotMap<Node> {
  readonly #nodes = new Array<Node | undefined>(slotCount).fill(undefined);

  constructor(ranges: Iterable<SlotRange<Node>>) {
    for (const { from, to, master } of ranges) this.#nodes.fill(master, from, to + 1);
  }

  of(name: string): Node | undefined {
    return this.#nodes[slotOf(name)];
  }
}
