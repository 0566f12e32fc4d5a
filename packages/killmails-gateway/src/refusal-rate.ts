import { addressKey, MessageRate } from '@roomcast/engine';
import { maxRefusalsPerMinute } from '@roomcast/killmails-protocol';

const minuteMs = 60_000;
/** Addresses remembered; over it the one that was refused longest ago is forgotten. */
const maxAddresses = 10_000;

/**
 * How often an address was refused of late. The official client tries a refused token again and again, eight times in
 * its first 1.3 s, and every try costs a look at the tokens.
 */
export class RefusalRate {
  readonly #addresses = new Map<string, MessageRate>();

  /** Counts a refusal; false when the address has had too many in this minute. */
  allow(ip: string, now: number): boolean {
    const key = addressKey(ip);
    const rate = this.#addresses.get(key) ?? new MessageRate();
    // The longest unused is first in the map, where it is found when one has to go.
    this.#addresses.delete(key);
    this.#addresses.set(key, rate);
    if (this.#addresses.size > maxAddresses) this.#addresses.delete(this.#addresses.keys().next().value as string);
    return rate.allow(now, maxRefusalsPerMinute, minuteMs);
  }
}
