import { type Names, noNames } from '@roomcast/killmails-protocol';
import { readNames } from './data.js';

/** The names that come with the package: ships and structures, and the systems that are talked about most. */
export function knownNames(): Names {
  const ships = readNames('types.json');
  const systems = readNames('systems.json');
  return { ...noNames, ship: (id) => ships.get(id), system: (id) => systems.get(id) };
}
