import { addressKey } from '@roomcast/engine';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

export interface LoginLimitsOptions {
  /** Attempts from one address in a minute. */
  maxPerIp: number;
  /** Attempts on one account in a minute, since its last success. */
  maxPerAccount: number;
}

const minuteSeconds = 60;

/** How often a password may be tried: from one address, and on one account whether it exists or not. */
export class LoginLimits {
  readonly #addresses: RateLimiterMemory;
  readonly #accounts: RateLimiterMemory;

  constructor({ maxPerIp, maxPerAccount }: LoginLimitsOptions) {
    this.#addresses = new RateLimiterMemory({ points: maxPerIp, duration: minuteSeconds });
    this.#accounts = new RateLimiterMemory({ points: maxPerAccount, duration: minuteSeconds });
  }

  /** Counts an attempt. Undefined where it may be made, else the seconds after which another may. */
  async attempt(ip: string, email: string): Promise<number | undefined> {
    try {
      await this.#addresses.consume(addressKey(ip));
      await this.#accounts.consume(keyOf(email));
      return undefined;
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      return Math.ceil(refused.msBeforeNext / 1000);
    }
  }

  /** The password was right: what was tried on the account before is forgotten. */
  async succeeded(email: string): Promise<void> {
    await this.#accounts.delete(keyOf(email));
  }
}

function keyOf(email: string): string {
  return email.toLowerCase();
}
