import type { Clock, Logger, Stop } from '@roomcast/engine';
import type { GuildActivity } from '@roomcast/spywatcher-protocol';
import { joinOf, messageOf, presenceOf, rolesOf, typingOf } from './activities.js';

/** What happens in guilds, from somewhere outside. */
export interface DiscordSource {
  start(): unknown;
  stop(): unknown;
}

export interface DiscordSourceOptions {
  readonly token: string;
  readonly clock: Clock;
  readonly logger: Logger;
  publish(event: GuildActivity): unknown;
  /** @default a client of discord.js */
  client?(): Promise<DiscordClient>;
}

/** The first pause after a login that failed, in milliseconds; each further one is twice as long. */
const firstPauseMs = 5000;
/** Discord locks out a bot whose token was refused 1000 times in a day. */
const maxPauseMs = 900_000;

type DiscordClient = import('discord.js').Client;

/**
 * The guilds that a Discord bot is in, through discord.js. It needs the privileged intents for members and presences, and
 * does not ask for the one that shows what messages say. A login that fails is tried again.
 */
export function discordSource(options: DiscordSourceOptions): DiscordSource {
  const { clock, logger, token } = options;
  let client: DiscordClient | undefined;
  let cancel: Stop | undefined;
  let isWanted = false;
  const logIn = async (pauseMs: number) => {
    const attempt = await (options.client ?? discordClient)();
    if (!isWanted) return;
    client = attempt;
    hear(attempt, options);
    try {
      await attempt.login(token);
      logger.info({ user: attempt.user?.tag }, 'the Discord bot is connected');
    } catch (error) {
      await attempt.destroy();
      if (!isWanted) return;
      logger.error({ err: error, retryInMs: pauseMs }, 'the Discord bot could not log in');
      cancel = clock.after(pauseMs, () => void logIn(Math.min(2 * pauseMs, maxPauseMs)));
    }
  };
  return {
    start() {
      isWanted = true;
      return logIn(firstPauseMs);
    },
    async stop() {
      isWanted = false;
      cancel?.();
      const last = client;
      client = undefined;
      await last?.destroy();
    },
  };
}

/** A client that is not logged in. The library is large: it is loaded where somebody wants it. */
export async function discordClient(): Promise<DiscordClient> {
  const { Client, GatewayIntentBits, Partials } = await import('discord.js');
  const { Guilds, GuildMembers, GuildMessages, GuildMessageTyping, GuildPresences } = GatewayIntentBits;
  return new Client({
    intents: [Guilds, GuildMembers, GuildMessages, GuildMessageTyping, GuildPresences],
    // Without these, what members do who were not seen before would not be told.
    partials: [Partials.User, Partials.GuildMember, Partials.Channel],
  });
}

/** Publishes what a client tells of. */
export function hear(
  client: DiscordClient,
  { clock, logger, publish }: Pick<DiscordSourceOptions, 'clock' | 'logger' | 'publish'>,
): void {
  const tell = (event: GuildActivity | undefined) => {
    if (event !== undefined) publish(event);
  };
  client.on('messageCreate', (message) => tell(messageOf(message)));
  client.on('typingStart', (typing) => tell(typingOf(typing)));
  client.on('presenceUpdate', (_before, presence) => tell(presenceOf(presence, clock.now())));
  client.on('guildMemberAdd', (member) => tell(joinOf(member, clock.now())));
  client.on('guildMemberUpdate', (before, after) => tell(rolesOf(before, after, clock.now())));
  client.on('error', (error) => logger.error({ err: error }, 'the connection to Discord has a problem'));
  client.on('shardDisconnect', ({ code }) => logger.warn({ code }, 'Discord has ended the connection'));
  client.on('invalidated', () => logger.error({}, 'Discord has invalidated the session of the bot'));
}
