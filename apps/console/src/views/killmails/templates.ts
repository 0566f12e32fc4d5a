import type { Template } from '../../services/desk.js';
import { popularSystems } from './systems.js';

const ships = ['Capsule', 'Merlin', 'Hurricane', 'Drake', 'Retriever', 'Thanatos'];

/**
 * Above the ids of real killmails, and above those of earlier pages as long as they made less than a thousand a second: a
 * known id is not delivered again.
 */
const firstId = Date.now();
let made = 0;

function kill(index: number, system: number) {
  made++;
  return {
    killmail_id: firstId + made,
    killmail_time: new Date().toISOString(),
    solar_system_id: system,
    victim: {
      character_name: `Pilot ${(index % 97) + 1}`,
      ship_type_name: ships[index % ships.length],
      damage_taken: 4200,
    },
    attackers: [{ character_name: `Hunter ${(index % 31) + 1}`, final_blow: true, damage_done: 4200 }],
    zkb: { totalValue: 1e6 * (1 + ((index * 37) % 900)) },
  };
}

export const templates: readonly Template[] = [
  { name: 'A kill in Jita', make: (index) => kill(index, popularSystems[0] ?? 0) },
  {
    name: 'A kill in one of five busy systems',
    make: (index) => kill(index, popularSystems[index % popularSystems.length] ?? 0),
  },
];
