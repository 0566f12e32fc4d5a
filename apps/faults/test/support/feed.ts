import { createServer } from 'node:http';
import { type Listening, listen } from '@roomcast/testing';

const jita = 30000142;
/** The feed's first file, and with it the first killmail's number. */
const firstFile = 1_000_001;

/** A feed of killmails as zKillboard serves it: numbered files, 404 for those that are not there yet. */
export class KillFeed {
  /** The instance that asked last, as it calls itself. */
  reader = '';
  /** Whether the reader has asked for what is not there yet. */
  isRead = false;
  #files = 0;

  private constructor(private readonly listening: () => Listening) {}

  static async start(): Promise<KillFeed> {
    let listening: Listening | undefined;
    const feed = new KillFeed(() => listening as Listening);
    const server = createServer((request, response) => {
      if (!request.url?.startsWith('/ephemeral/')) {
        // Names that are asked for: nobody has one.
        response.end('[]');
        return;
      }
      feed.reader = String(request.headers['user-agent']);
      const body = feed.#file(request.url.slice('/ephemeral/'.length, -'.json'.length));
      response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body));
    });
    listening = await listen(server);
    return feed;
  }

  get env(): Readonly<Record<string, string>> {
    const { http } = this.listening();
    return { KILLMAILS_UPSTREAM: 'r2z2', R2Z2_URL: http, ESI_URL: http };
  }

  /** The numbers of the killmails that are there. */
  get killmails(): number[] {
    return Array.from({ length: this.#files }, (_, index) => firstFile + index);
  }

  add(count: number): void {
    this.#files += count;
    this.isRead = false;
  }

  close(): Promise<void> {
    return this.listening().close();
  }

  #file(name: string): object | undefined {
    if (name === 'sequence') return { sequence: firstFile + Math.max(0, this.#files - 1) };
    const number = Number(name);
    if (number >= firstFile + this.#files) this.isRead = true;
    if (number < firstFile || number >= firstFile + this.#files) return undefined;
    return {
      killmail_id: number,
      hash: `hash-${number}`,
      esi: {
        killmail_id: number,
        killmail_time: new Date().toISOString(),
        solar_system_id: jita,
        victim: { ship_type_id: 670, damage_taken: 1, position: { x: 0, y: 0, z: 0 } },
        attackers: [],
      },
      zkb: { locationID: 40009082, hash: `hash-${number}`, totalValue: 1, points: 1, npc: false, solo: false },
      sequence_id: number,
      uploaded_at: 1_767_225_600,
    };
  }
}
