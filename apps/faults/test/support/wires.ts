import type { Wire } from './wire.js';
import { falcon } from './wires/falcon.js';
import { killmails } from './wires/killmails.js';
import { raffle } from './wires/raffle.js';
import { spywatcher } from './wires/spywatcher.js';
import { vmax } from './wires/vmax.js';

export const wires: readonly Wire[] = [killmails, falcon, spywatcher, raffle, vmax];
