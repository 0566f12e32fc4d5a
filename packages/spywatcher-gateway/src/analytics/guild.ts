import type { Activity } from '@roomcast/spywatcher-protocol';
import { ChannelTable, maxChannels } from './channel-table.js';
import { type Counted, Counts, type SavedPart } from './counts.js';
import { oldestPart, partOf } from './window.js';

const counted: Readonly<Record<Activity['type'], Counted | undefined>> = {
  message: 'messages',
  typing: 'typing',
  presence: 'presences',
  join: undefined,
  roles: undefined,
};

/** Most guilds are small, and each part of the window has as many rows. */
const firstRows = 16;
/** Larger tables grow by a quarter: doubling would leave half of many megabytes empty. */
const growthOf = (rows: number) => Math.ceil(rows * (rows < 10_000 ? 2 : 1.25));

/** Rows are moved together when so much of them can go: that takes 50 ms for 100,000 members, and less is no gain. */
const worthwhile = 0.2;

/**
 * What the members of one guild did in the window: a row for each member.
 *
 * 100,000 members who were active in every part of seven days, in five channels each, take 41 MB: 17 MB of counts, 8 MB of
 * channels, and the rest for their ids and names.
 */
export class GuildFigures {
  #users: string[] = [];
  #names: string[] = [];
  #rowOf = new Map<string, number>();
  readonly #counts = new Counts();
  readonly #channels: string[] = [];
  readonly #channelOf = new Map<string, number>();
  #table = new ChannelTable();
  /** Distinct channels of each member. */
  #channelCounts = new Uint16Array(0);
  #oldest = 0;

  constructor(readonly maxMembers: number) {}

  get members(): number {
    return this.#users.length;
  }

  /** Bytes in typed arrays: counts and channels, not ids and names. */
  get bytes(): number {
    return this.#counts.bytes + this.#table.bytes + this.#channelCounts.byteLength;
  }

  /**
   * Counts what a member did. False where it is too old to count, is of no kind that counts, or comes from one member more
   * than are told apart. What is to come counts as now.
   *
   * @param mayGrow whether there is room for members that are not known yet
   */
  record(activity: Activity, now: number, mayGrow = true): boolean {
    const what = counted[activity.type];
    const part = partOf(Math.min(Date.parse(activity.timestamp), now));
    this.forget(now);
    // A clock that was set back does not bring back what the window has left behind.
    if (what === undefined || part < this.#oldest) return false;
    const row = this.#rowFor(activity, mayGrow);
    if (row === undefined) return false;
    this.#counts.add(what, row, part);
    if (activity.type === 'message' || activity.type === 'typing') this.#touch(row, activity.channelId, part);
    return true;
  }

  /** The figures of everybody. */
  figures(now: number) {
    this.forget(now);
    return {
      userIds: this.#users as readonly string[],
      usernames: this.#names as readonly string[],
      ...this.#counts.totals,
      channels: this.#channelCounts,
    };
  }

  /** Lets go of what is too old to count, when the window moves on, and of members of whom nothing counts any more. */
  forget(now: number): void {
    const oldest = oldestPart(now);
    if (oldest <= this.#oldest) return;
    this.#oldest = oldest;
    this.#counts.forget(oldest);
    const { messages, typing, presences } = this.#counts.totals;
    const kept: number[] = [];
    for (let row = 0; row < this.#users.length; row++) {
      if ((messages[row] as number) + (typing[row] as number) + (presences[row] as number) > 0) kept.push(row);
    }
    const isFull = this.#users.length >= this.maxMembers;
    if (isFull || kept.length <= this.#users.length * (1 - worthwhile)) this.#keep(kept);
    else this.#countChannels();
  }

  /** What `restored` makes the same figures of. */
  saved(now: number): SavedGuild {
    this.forget(now);
    return {
      users: this.#users,
      names: this.#names,
      channels: this.#channels,
      parts: this.#counts.saved(this.#users.length),
      active: Buffer.from(this.#table.triples(this.#oldest).buffer).toString('base64'),
    };
  }

  /** What was saved; what does not fit together is left out. */
  static restored(saved: SavedGuild, maxMembers: number): GuildFigures {
    const guild = new GuildFigures(maxMembers);
    const rows = Math.min(saved.users.length, saved.names.length, maxMembers);
    guild.#users = saved.users.slice(0, rows);
    guild.#names = saved.names.slice(0, rows);
    guild.#rowOf = new Map(guild.#users.map((user, row) => [user, row]));
    guild.#reserve(rows);
    for (const channel of saved.channels.slice(0, maxChannels)) guild.#channel(channel);
    for (const part of saved.parts) guild.#counts.restore(part);
    const pairs = Buffer.from(saved.active, 'base64');
    for (let at = 0; at + 12 <= pairs.length; at += 12) {
      const [row, channel] = [pairs.readUInt32LE(at), pairs.readUInt32LE(at + 4)];
      if (row < rows && channel < guild.#channels.length) guild.#seen(row, channel, pairs.readUInt32LE(at + 8));
    }
    return guild;
  }

  #rowFor({ userId, username }: Activity, mayGrow: boolean): number | undefined {
    const known = this.#rowOf.get(userId);
    if (known !== undefined) {
      // Discord does not always tell it.
      if (username !== '') this.#names[known] = username;
      return known;
    }
    if (!mayGrow || this.#users.length >= this.maxMembers) return undefined;
    const row = this.#users.length;
    this.#users.push(userId);
    this.#names.push(username);
    this.#rowOf.set(userId, row);
    if (row >= this.#channelCounts.length) this.#reserve(Math.min(this.maxMembers, Math.max(firstRows, growthOf(row))));
    return row;
  }

  #reserve(rows: number): void {
    this.#counts.reserve(rows);
    const channelCounts = new Uint16Array(rows);
    channelCounts.set(this.#channelCounts);
    this.#channelCounts = channelCounts;
  }

  #keep(rows: readonly number[]): void {
    const rowOfOld = new Map(rows.map((old, row) => [old, row]));
    const before = this.#table;
    this.#users = rows.map((old) => this.#users[old] as string);
    this.#names = rows.map((old) => this.#names[old] as string);
    this.#rowOf = new Map(this.#users.map((user, row) => [user, row]));
    this.#counts.keep(rows);
    this.#table = new ChannelTable();
    this.#channelCounts = new Uint16Array(rows.length);
    before.each(this.#oldest, (old, channel, time) => {
      const row = rowOfOld.get(old);
      if (row !== undefined) this.#seen(row, channel, time);
    });
  }

  #countChannels(): void {
    this.#channelCounts.fill(0);
    this.#table.each(this.#oldest, (row) => {
      this.#channelCounts[row] = (this.#channelCounts[row] as number) + 1;
    });
  }

  #touch(row: number, id: string | undefined, part: number): void {
    const channel = id === undefined ? undefined : this.#channel(id);
    if (channel !== undefined) this.#seen(row, channel, part);
  }

  #seen(row: number, channel: number, part: number): void {
    if (this.#table.touch(row, channel, part, this.#oldest)) (this.#channelCounts[row] as number)++;
  }

  /** The number of a channel, while there are not too many. */
  #channel(id: string): number | undefined {
    const known = this.#channelOf.get(id);
    if (known !== undefined || this.#channels.length >= maxChannels) return known;
    this.#channelOf.set(id, this.#channels.length);
    return this.#channels.push(id) - 1;
  }
}

/** A guild's figures as they are saved. */
export interface SavedGuild {
  readonly users: string[];
  readonly names: string[];
  readonly channels: string[];
  readonly parts: SavedPart[];
  /** Row, channel and part of the last activity, 4 bytes each, little-endian, in base64. */
  readonly active: string;
}
