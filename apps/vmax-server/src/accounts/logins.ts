import type { DirectoryUser } from '../directory/data.js';
import { hashPassword, isPassword } from './passwords.js';

export interface LoginsOptions {
  userByEmail(email: string): DirectoryUser | undefined | Promise<DirectoryUser | undefined>;
  /** Passwords under check before more are refused. @default 64 */
  maxAtOnce?: number;
  /** @default scrypt, in constant time */
  isPassword?(password: string, hash: string): Promise<boolean>;
}

/** - `busy`: too many passwords are being checked. - `wrong`: no such user, or not the password. */
export type LoginResult = 'busy' | 'wrong' | DirectoryUser;

/** Checks passwords: for an unknown user with the same work, against a hash that nobody has the password of. */
export class Logins {
  readonly #options: Required<LoginsOptions>;
  readonly #nobody = hashPassword('');
  #atOnce = 0;

  constructor(options: LoginsOptions) {
    this.#options = { maxAtOnce: 64, isPassword, ...options };
  }

  async check(email: string, password: string): Promise<LoginResult> {
    if (this.#atOnce >= this.#options.maxAtOnce) return 'busy';
    this.#atOnce++;
    try {
      const user = await this.#options.userByEmail(email);
      const matches = await this.#options.isPassword(password, user?.passwordHash ?? (await this.#nobody));
      return user !== undefined && matches ? user : 'wrong';
    } finally {
      this.#atOnce--;
    }
  }
}
