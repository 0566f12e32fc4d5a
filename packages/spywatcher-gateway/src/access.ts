import type { Logger } from '@roomcast/engine';
import { adminRole, type User } from '@roomcast/spywatcher-protocol';
import type { GuildsOf } from './options.js';

/** Which guilds somebody may see: all as an administrator, else those of the token and those that the directory gives. */
export class Access {
  constructor(
    readonly guildsOf: GuildsOf | undefined,
    readonly logger: Logger,
  ) {}

  /** Answers at once where the token says it already. */
  may(user: User, guildId: string): boolean | Promise<boolean> {
    if (user.role === adminRole || user.guilds.includes(guildId)) return true;
    return this.guildsOf === undefined ? false : this.#asked(user.discordId).then((guilds) => guilds.includes(guildId));
  }

  /** A directory that fails knows nothing. */
  async #asked(discordId: string): Promise<readonly string[]> {
    try {
      return (await this.guildsOf?.(discordId)) ?? [];
    } catch (error) {
      this.logger.error({ err: error }, 'the directory failed: nothing is known of the user');
      return [];
    }
  }
}
