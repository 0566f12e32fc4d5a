/** The header of a message that is only a part of one. */
export const partHeader = 'Roomcast-Part';

/** Bytes of one message at most, and of all messages that are incomplete. */
export const maxMessageBytes = 32 * 1024 * 1024;

/** What headers may take of the server's `max_payload`. */
const headerBytes = 512;

/** A message's parts, each with its header's value, where it is larger than the server takes. */
export function split(bytes: Uint8Array, maxPayload: number, id: string): { header: string; bytes: Uint8Array }[] {
  const size = Math.max(1, maxPayload - headerBytes);
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => ({
    header: `${id} ${index + 1}/${count}`,
    bytes: bytes.subarray(index * size, (index + 1) * size),
  }));
}

interface Incomplete {
  readonly count: number;
  readonly parts: Uint8Array[];
  bytes: number;
}

/** Puts messages together again. What does not follow is dropped: a lost part loses the message. */
export class Assembly {
  readonly #incomplete = new Map<string, Incomplete>();
  #bytes = 0;

  /** The whole message once its last part is there. `channel` tells the same id on several channels apart. */
  add(channel: string, header: string, bytes: Uint8Array): Buffer | undefined {
    const [, id, number, total] = /^(\S{1,100}) (\d{1,6})\/(\d{1,6})$/.exec(header) ?? [];
    if (id === undefined) return undefined;
    const key = `${channel} ${id}`;
    const [index, count] = [Number(number), Number(total)];
    const known = index === 1 ? { count, parts: [], bytes: 0 } : this.#incomplete.get(key);
    this.#drop(key);
    if (known === undefined || known.count !== count || known.parts.length !== index - 1) return undefined;
    known.parts.push(bytes);
    known.bytes += bytes.length;
    if (index === count) return Buffer.concat(known.parts);
    if (known.bytes > maxMessageBytes) return undefined;
    this.#incomplete.set(key, known);
    this.#bytes += known.bytes;
    // The oldest gives way: its publisher is gone, or never meant to finish.
    for (const oldest of this.#incomplete.keys()) {
      if (this.#bytes <= maxMessageBytes) break;
      this.#drop(oldest);
    }
    return undefined;
  }

  #drop(key: string): void {
    this.#bytes -= this.#incomplete.get(key)?.bytes ?? 0;
    this.#incomplete.delete(key);
  }
}
