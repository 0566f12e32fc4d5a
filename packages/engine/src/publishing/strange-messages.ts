import type { Clock } from '../clock.js';
import type { Logger } from '../observe/logger.js';

/** They are logged this often at most. */
const logEveryMs = 60_000;

/** Messages of the bus that another program, or another version of ours, has put there: counted, and told of in the log. */
export class StrangeMessages {
  /** How many there were. */
  count = 0;
  #unlogged = 0;
  #loggedAt = Number.NEGATIVE_INFINITY;

  constructor(readonly options: { clock: Clock; logger: Logger }) {}

  /** Takes note of one that came on a topic. */
  note(topic: string): void {
    const { clock, logger } = this.options;
    this.count++;
    this.#unlogged++;
    if (clock.now() - this.#loggedAt < logEveryMs) return;
    logger.warn(
      { topic, messages: this.#unlogged },
      'messages on the bus are not of this version of Roomcast, or none of its: ignored',
    );
    this.#unlogged = 0;
    this.#loggedAt = clock.now();
  }
}
