import type { Engine, Gateway, Mount, ParsedEvent, Spread } from '@roomcast/engine';
import { Refusal } from '@roomcast/engine';
import { type Killmail, killmailsTopic, parseKillmail, toKillmail } from '@roomcast/killmails-protocol';
import { EncodedJson, type Phoenix, type PhoenixSocket, phoenixWire } from '@roomcast/phoenix';
import { Access } from './access.js';
import { LobbyChannel } from './channel.js';
import { Kills } from './kills.js';
import { type KillmailsGatewayOptions, type ResolvedOptions, resolveOptions, type SavedState } from './options.js';
import { characterRoom, roomsOf, systemRoom } from './subscription.js';
import { killCountUpdate, killmailUpdate } from './updates.js';

/** The topic by which kills travel between instances: one for all, since counts and history need every kill. */
const busTopic = 'kills';

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

  constructor(engine: Engine, options: KillmailsGatewayOptions) {
    this.#options = resolveOptions(options);
    const { tokens, anonymous, maxSystems, maxCharacters } = this.#options;
    this.name = this.#options.name;
    this.#now = () => engine.options.clock.now();
    this.kills = new Kills(this.#options);
    const access = new Access(tokens, anonymous, this.#now);
    const lobby = new LobbyChannel({ kills: this.kills, maxSystems, maxCharacters, now: this.#now });
    this.phoenix = phoenixWire<null, Killmail>(engine, {
      ...this.#options,
      // Wishes are limited by the channel, with the errors that the API has for them.
      maxRooms: maxSystems + maxCharacters,
      authToken: true,
      objectFramesOnV2: true,
      channels: { [killmailsTopic]: lobby },
      connect: async ({ token }, { authToken, ip }) => {
        const admitted = await access.admit(authToken ?? (typeof token === 'string' ? token : undefined), ip);
        if (admitted instanceof Refusal) return admitted;
        return { assigns: null, ...(admitted === null ? {} : { identity: admitted }) };
      },
      receive: (killmail) => this.#receive(killmail),
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

  stats(): KillmailsStats {
    let systems = 0;
    let characters = 0;
    for (const [room] of this.mount.rooms.entries()) {
      if (room.startsWith(systemRoom(''))) systems++;
      else if (room.startsWith(characterRoom(''))) characters++;
    }
    return {
      connections: this.mount.sessions.size,
      systems,
      characters,
      killsReceived: this.kills.received,
      killsKept: this.kills.history.size,
    };
  }

  /** What the next process needs (`options.saved`). */
  save(): SavedState {
    return this.kills.save(this.#now());
  }

  #receive(killmail: Killmail): void {
    const now = this.#now();
    const taken = this.kills.take(killmail, now);
    if (taken === undefined) return;
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
}

/** Compiling the schemas takes longer than checking the largest killmail: it is done before the first one comes. */
function warmUp(): void {
  for (const form of [{ esi: {} }, { killmail: {} }, { zkb: {} }, {}]) parseKillmail(form);
}
