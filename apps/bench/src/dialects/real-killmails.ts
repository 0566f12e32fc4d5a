import { readFileSync } from 'node:fs';
import { killmailsFile } from '../entries.js';
import type { Dialect } from './dialect.js';
import { dialect as killmails, victim } from './killmails.js';
import { publishedBeside } from './published.js';

const firstId = 1_000_000_000;
/** The few of battles with hundreds of attackers would be all that is measured. */
const maxCharacters = 16_384;

/** Real killmails, read when first needed, each of them with a victim that everybody follows. */
class RealKillmails {
  #list: readonly { killmail: { victim: object } }[] = [];

  json(n: number): string {
    if (this.#list.length === 0) {
      this.#list = readFileSync(killmailsFile, 'utf8')
        .trim()
        .split('\n')
        .filter((line) => line.length <= maxCharacters)
        .map((line) => JSON.parse(line));
    }
    const { killmail, ...beside } = this.#list[n % this.#list.length] ?? { killmail: { victim: {} } };
    const own = { killmail_id: firstId + n, victim: { ...killmail.victim, character_id: victim } };
    return JSON.stringify({ ...beside, killmail: { ...killmail, ...own } });
  }
}

const real = new RealKillmails();

/** The killmails wire with real killmails instead of small ones. */
export const dialect: Dialect = {
  ...killmails,
  speech: { ...killmails.speech, ...publishedBeside((n) => real.json(n)) },
};
