import { killmailsGateway } from '@roomcast/killmails-gateway';
import { type Dialect, wideLimits } from './dialect.js';
import { served } from './gateway.js';
import { publishedBeside } from './published.js';

/** Whose kills everybody follows. */
export const victim = 1_000_001;

/** A small killmail. Every one has a number of its own, because a repeated one is told to nobody. */
const killmail = (n: number) =>
  JSON.stringify({
    killmail_id: n + 1,
    killmail_time: '2024-01-15T12:30:45Z',
    solar_system_id: 30_000_142,
    victim: { character_id: victim, corporation_id: 98_000_001, ship_type_id: 587, damage_taken: 4500 },
    attackers: [
      { character_id: 95_000_001, ship_type_id: 588, damage_done: 4500, final_blow: true, security_status: -1.5 },
    ],
  });

/** EVE kills: followers of one character, who get one frame for each of its kills. */
export const dialect: Dialect = {
  speech: {
    memberPath: () => '/socket/websocket?vsn=2.0.0',
    join: () => [
      { send: JSON.stringify(['1', '1', 'killmails:lobby', 'phx_join', { characters: [victim] }]), frames: 1 },
    ],
    ping: '[null,"1","phoenix","heartbeat",{}]',
    ...publishedBeside(killmail),
  },
  serve(engine) {
    const gateway = killmailsGateway(engine, { ...wideLimits, tokens: [], anonymous: true, idleTimeoutMs: 0 });
    return served(gateway);
  },
};
