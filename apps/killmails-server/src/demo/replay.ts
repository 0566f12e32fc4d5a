import { Buffer } from 'node:buffer';
import { type FileHandle, open, readFile } from 'node:fs/promises';

const newline = 0x0a;
/** A line beyond this is a killmail with hundreds of attackers. */
const largeBytes = 50_000;

interface Line {
  readonly start: number;
  readonly bytes: number;
}

/**
 * The lines of a file in a random order, again and again: each once in every round, the largest in its later half, so
 * that nobody meets them at once. Only where the lines are is kept; one is read when its turn comes.
 */
export class Replay {
  #file: FileHandle | undefined;
  #lines: readonly Line[] = [];
  #round: Line[] = [];

  /** @param random from 0 to below 1 */
  constructor(
    readonly path: string,
    readonly random: () => number = Math.random,
  ) {}

  /** The text of the next line. Rejects where the file cannot be read or has no lines. */
  async next(): Promise<string> {
    this.#file ??= await this.#open();
    if (this.#round.length === 0) this.#round = this.#shuffled();
    const line = this.#round.pop();
    if (line === undefined) throw new Error(`${this.path}: expected lines, found none`);
    const buffer = Buffer.alloc(line.bytes);
    await this.#file.read(buffer, 0, line.bytes, line.start);
    return buffer.toString('utf8');
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  async #open(): Promise<FileHandle> {
    this.#lines = linesIn(await readFile(this.path));
    return open(this.path);
  }

  /** The next round, its first line last. */
  #shuffled(): Line[] {
    const common = this.#shuffle(this.#lines.filter(({ bytes }) => bytes <= largeBytes));
    const large = this.#lines.filter(({ bytes }) => bytes > largeBytes);
    for (const line of large) common.splice(Math.floor((this.random() * common.length) / 2), 0, line);
    return common;
  }

  #shuffle(lines: Line[]): Line[] {
    for (let last = lines.length - 1; last > 0; last--) {
      const other = Math.floor(this.random() * (last + 1));
      [lines[last], lines[other]] = [lines[other] as Line, lines[last] as Line];
    }
    return lines;
  }
}

function linesIn(bytes: Buffer): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(newline, start);
    const end = found === -1 ? bytes.length : found;
    if (end > start) lines.push({ start, bytes: end - start });
    start = end + 1;
  }
  return lines;
}
