import type { Activity, GuildActivity, Platform, Status } from '@roomcast/spywatcher-protocol';

export interface DemoGuildOptions {
  readonly guildId: string;
  readonly now: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

interface Member {
  readonly userId: string;
  readonly username: string;
  /** How often they do each thing, beside the others. */
  readonly habits: Readonly<Partial<Record<Activity['type'], number>>>;
}

const dayMs = 86_400_000;
const channels = ['general', 'announcements', 'help', 'off-topic', 'music', 'memes', 'screenshots', 'voice-chat'];
const roles = ['Regular', 'Moderator', 'Event Host', 'Veteran', 'Booster'];
const names = ['aster', 'bram', 'cleo', 'dario', 'edda', 'finn', 'greta', 'hugo', 'ines', 'jonas', 'kira', 'levi'];
const statuses: readonly Status[] = ['online', 'idle', 'dnd', 'offline'];
const clients: readonly (readonly Platform[])[] = [
  ['desktop'],
  ['mobile'],
  ['web'],
  ['desktop', 'mobile'],
  ['desktop', 'web'],
];

/** Who talks, who only types, and who is only there. */
const habits: readonly Member['habits'][] = [
  { message: 8, typing: 5, presence: 2, roles: 0.2 },
  { message: 0.5, typing: 9, presence: 2 },
  { presence: 6 },
];

/** A made-up guild: members of different habits, and newcomers now and then. */
export class DemoGuild {
  readonly #options: DemoGuildOptions;
  readonly #members: Member[];
  #newcomers = 0;

  constructor(options: DemoGuildOptions) {
    this.#options = options;
    this.#members = names.map((username, index) => ({
      userId: String(300_000_000_000_000_000n + BigInt(index)),
      username,
      habits: habits[index % habits.length] as Member['habits'],
    }));
  }

  /** What happens next. */
  next(): GuildActivity {
    const { guildId, random } = this.#options;
    if (random() < 0.02) return { guildId, activity: this.#join() };
    const member = this.#oneOf(this.#members);
    return { guildId, activity: this.#does(member, this.#kindFor(member)) };
  }

  #join(): Activity {
    const { now, random } = this.#options;
    const number = ++this.#newcomers;
    const accountCreatedAt = new Date(now() - Math.floor(random() * 2000) * dayMs).toISOString();
    return {
      type: 'join',
      ...this.#who(`40000000000000${1000 + (number % 9000)}`, `newcomer${number}`),
      accountCreatedAt,
    };
  }

  #does({ userId, username }: Member, type: Activity['type']): Activity {
    const who = this.#who(userId, username);
    switch (type) {
      case 'message':
      case 'typing': {
        const channelName = this.#oneOf(channels);
        const channelId = String(500_000_000_000_000_000n + BigInt(channels.indexOf(channelName)));
        return { type, ...who, channelId, channelName };
      }
      case 'presence': {
        const status = this.#oneOf(statuses);
        const platforms = status === 'offline' ? [] : this.#oneOf(clients);
        return { type, ...who, status, clientStatus: Object.fromEntries(platforms.map((one) => [one, status])) };
      }
      case 'roles':
        return { type, ...who, addedRoles: [this.#oneOf(roles)], removedRoles: [] };
      case 'join':
        return this.#join();
    }
  }

  #kindFor({ habits }: Member): Activity['type'] {
    const kinds = Object.entries(habits) as [Activity['type'], number][];
    let left = this.#options.random() * kinds.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of kinds) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'presence';
  }

  #who(userId: string, username: string) {
    return { userId, username, timestamp: new Date(this.#options.now()).toISOString() };
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#options.random() * values.length)] as Value;
  }
}
