import { type Logger, MessageRate } from '@roomcast/engine';

const windowMs = 10_000;

/**
 * Warnings about what clients do: as many as anybody may cause, so that only the first of each text in ten seconds are
 * written. The next one tells how many were not.
 */
export class Complaints {
  readonly #texts = new Map<string, { rate: MessageRate; unlogged: number }>();

  constructor(
    readonly logger: Logger,
    readonly now: () => number,
    /** Lines of one text in ten seconds. */
    readonly limit: number,
  ) {}

  /** @param text one of a fixed few: it is remembered */
  warn(text: string, fields: object): void {
    const seen = this.#texts.get(text) ?? { rate: new MessageRate(), unlogged: 0 };
    this.#texts.set(text, seen);
    if (!seen.rate.allow(this.now(), this.limit, windowMs)) {
      seen.unlogged++;
      return;
    }
    this.logger.warn(seen.unlogged === 0 ? fields : { ...fields, unlogged: seen.unlogged }, text);
    seen.unlogged = 0;
  }
}
