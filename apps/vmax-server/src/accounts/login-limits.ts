import { addressKey, type Cluster, type Rate } from '@roomcast/engine';

export interface LoginLimitsOptions {
  cluster: Pick<Cluster, 'rate'>;
  /** Attempts from one address in a minute. */
  maxPerIp: number;
  /** Attempts on one account in a minute, since its last success. */
  maxPerAccount: number;
}

const minuteMs = 60_000;

/**
 * How often a password may be tried, on all instances together: from one address, and on one account whether it exists
 * or not.
 */
export class LoginLimits {
  readonly #addresses: Rate;
  readonly #accounts: Rate;

  constructor({ cluster, maxPerIp, maxPerAccount }: LoginLimitsOptions) {
    this.#addresses = cluster.rate('logins.addresses', { max: maxPerIp, windowMs: minuteMs });
    this.#accounts = cluster.rate('logins.accounts', { max: maxPerAccount, windowMs: minuteMs });
  }

  /** Counts an attempt. Undefined where it may be made, else the seconds after which another may. */
  attempt(ip: string, email: string): number | undefined {
    const waitMs = this.#addresses.count(addressKey(ip)) ?? this.#accounts.count(keyOf(email));
    return waitMs === undefined ? undefined : Math.ceil(waitMs / 1000);
  }

  /** The password was right: what was tried on the account before is forgotten. */
  succeeded(email: string): void {
    this.#accounts.forgive(keyOf(email));
  }
}

function keyOf(email: string): string {
  return email.toLowerCase();
}
