import type { Engine, Gap, Gateway, Mount, ParsedEvent, Spread } from '@roomcast/engine';
import { Refusal } from '@roomcast/engine';
import { type Killmail, killmailsTopic, parseKillmail, toKillmail } from '@roomcast/killmails-protocol';
import { EncodedJson, type Phoenix, type PhoenixSocket, phoenixWire } from '@roomcast/phoenix';
import { Access } from './access.js';
import { CatchUp } from './catch-up.js';
import { LobbyChannel } from './channel.js';
import { minuteOf } from './kill-counts.js';
import { Kills } from './kills.js';
import { type KillmailsGatewayOptions, type ResolvedOptions, resolveOptions, type SavedState } from './options.js';
import { characterRoom, missedRoom, roomsOf, systemRoom } from './subscription.js';
import { killCountUpdate, killmailUpdate } from './updates.js';

/** The topic by which kills travel between instances: one for all, since counts and history need every kill. */
const busTopic = 'kills';

const minuteMs = 60_000;
/** How far back is asked for when something was lost on the bus, in milliseconds. */
const lostWithinMs = 10 * minuteMs;
/** A kill that another instance had longer ago is news to nobody: it is kept and counted, and not delivered. */
const newsForMs = 15 * minuteMs;

/** Serves the WandererKills WebSocket API from an engine. */
export function killmailsGateway(engine: Engine, options: KillmailsGatewayOptions): KillmailsGateway {
  return new KillmailsGateway(engine, options);
}

export interface KillmailsStats {
  /** On this instance. */
  connections: number;
  /** Systems that somebody here wants. */
  systems: number;
  /** Characters that somebody here wants. */
  characters: number;
  /** Since the process started. */
  killsReceived: number;
  /** For preload and the reading API. */
  killsKept: number;
}

export class KillmailsGateway implements Gateway<Killmail> {
  readonly name: string;
  /** The kills so far: recent ones, and how many in each system. */
  readonly kills: Kills;
  readonly phoenix: Phoenix<null, Killmail>;
  readonly #options: ResolvedOptions;
  readonly #now: () => number;
  readonly #engine: Engine;
  readonly #catchUp: CatchUp;
  /** What the others had before is history here. */
  readonly #startedAt: number;

  constructor(engine: Engine, options: KillmailsGatewayOptions) {
    this.#options = resolveOptions(options);
    const { tokens, anonymous, maxSystems, maxCharacters } = this.#options;
    this.name = this.#options.name;
    this.#now = () => engine.options.clock.now();
    this.#engine = engine;
    this.#startedAt = this.#now();
    this.kills = new Kills(this.#options);
    this.#catchUp = new CatchUp({
      cluster: engine.cluster,
      name: this.name,
      kills: this.kills,
      logger: engine.logger,
      now: this.#now,
      take: (killmail, minute) => this.#takeLate(killmail, minute),
      lost: (minute) => {
        if (this.#isNews(minute)) this.#tellMissed();
      },
    });
    const access = new Access(tokens, anonymous, engine.cluster, this.#options.name);
    const lobby = new LobbyChannel({ kills: this.kills, maxSystems, maxCharacters, now: this.#now });
    this.phoenix = phoenixWire<null, Killmail>(engine, {
      ...this.#options,
      // Wishes are limited by the channel, with the errors that the API has for them.
      maxRooms: maxSystems + maxCharacters + 1,
      authToken: true,
      objectFramesOnV2: true,
      channels: { [killmailsTopic]: lobby },
      connect: async ({ token }, { authToken, ip }) => {
        const admitted = await access.admit(authToken ?? (typeof token === 'string' ? token : undefined), ip);
        if (admitted instanceof Refusal) return admitted;
        return { assigns: null, ...(admitted === null ? {} : { identity: admitted }) };
      },
      receive: (killmail) => this.#receive(killmail, minuteOf(this.#now())),
      onGap: (gap) => this.#gap(gap),
      decode: (value) => {
        const parsed = this.parse(value);
        return parsed.ok ? parsed.event : undefined;
      },
    });
    warmUp();
  }

  get mount(): Mount<PhoenixSocket<null>, Killmail> {
    return this.phoenix.mount;
  }

  /** Resolves once the kills of other instances arrive here. */
  ready(): Promise<void> {
    return this.mount.follow(busTopic);
  }

  /** Checks a killmail in any of the published forms, and adds the names that are known. */
  parse(input: unknown): ParsedEvent<Killmail> {
    const parsed = parseKillmail(input);
    return parsed.ok ? { ok: true, event: toKillmail(parsed.value, this.#options.names) } : parsed;
  }

  /** Delivers and counts a killmail, on every instance; one whose id was seen before changes nothing. */
  publish(killmail: Killmail): Spread {
    return this.mount.publish(busTopic, killmail);
  }

  /** The ids, as texts, of what somebody here wants. */
  *wanted(kind: 'systems' | 'characters'): IterableIterator<string> {
    const prefix = kind === 'systems' ? systemRoom('') : characterRoom('');
    for (const [room] of this.mount.rooms.entries()) if (room.startsWith(prefix)) yield room.slice(prefix.length);
  }

  stats(): KillmailsStats {
    const count = (kind: 'systems' | 'characters') => [...this.wanted(kind)].length;
    return {
      connections: this.mount.sessions.size,
      systems: count('systems'),
      characters: count('characters'),
      killsReceived: this.kills.received,
      killsKept: this.kills.history.size,
    };
  }

  /** Asks the other instances for the kills they had of late. Resolves when those have come that this one had not. */
  async catchUp(withinMs = lostWithinMs): Promise<void> {
    await this.#catchUp.everybody(withinMs);
  }

  /** Takes over what was saved, where it could not be had at the start. */
  merge({ taken }: SavedState): void {
    const now = this.#now();
    for (const one of taken) this.kills.note(one, now);
  }

  /** What the next process needs (`options.saved`). */
  save(): SavedState {
    return this.kills.save(this.#now());
  }

  #receive(killmail: Killmail, minute: number): void {
    const now = this.#now();
    const taken = this.kills.take(killmail, now, minute);
    if (taken === undefined || !this.#isNews(minute)) return;
    const { system_id: system } = killmail;
    const update = killmailUpdate({ system, jsons: [taken.json], now, preload: false });
    this.phoenix.broadcast(killmailsTopic, 'killmail_update', new EncodedJson(update), { rooms: roomsOf(killmail) });
    this.phoenix.broadcast(
      killmailsTopic,
      'kill_count_update',
      new EncodedJson(killCountUpdate(system, taken.count, now)),
      {
        rooms: [systemRoom(system)],
        deliveryClass: 'latest',
        key: `kill-count:${system}`,
      },
    );
  }

  /** A kill of another instance, which should have come by the bus. */
  #takeLate(value: unknown, minute: number): void {
    const parsed = this.parse(value);
    if (parsed.ok) this.#receive(parsed.event, minute);
    else this.mount.counters.ignored++;
  }

  /** What was lost on the bus is asked for: from who published it, or, where that one is gone, from everybody. */
  #gap(gap: Gap): void {
    const { cluster, logger } = this.#engine;
    logger.warn({ mount: this.name, ...gap }, 'kills of another instance were lost on the bus: asking for them');
    const { publisher } = gap;
    const asked = cluster.members.has(publisher)
      ? this.#catchUp.from([publisher], this.#now() - lostWithinMs)
      : this.#catchUp.everybody(lostWithinMs);
    void asked.then((isComplete) => {
      // Who is gone can't say what it published: the others may not have had it either.
      if (!isComplete || !cluster.members.has(publisher)) this.#tellMissed();
    });
  }

  /** Whether a kill of that minute should have reached those who are connected here, and is not too old for them. */
  #isNews(minute: number): boolean {
    const at = minute * minuteMs;
    return at >= this.#startedAt - minuteMs && at >= this.#now() - newsForMs;
  }

  #tellMissed(): void {
    const payload = { timestamp: new Date(this.#now()).toISOString() };
    this.phoenix.broadcast(killmailsTopic, 'events_missed', payload, {
      rooms: [missedRoom],
      deliveryClass: 'latest',
      key: 'events-missed',
    });
  }
}

/** Compiling the schemas takes longer than checking the largest killmail: it is done before the first one comes. */
function warmUp(): void {
  for (const form of [{ esi: {} }, { killmail: {} }, { zkb: {} }, {}]) parseKillmail(form);
}
