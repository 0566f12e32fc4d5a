import { Client, type Entrant, type Listener, type Target } from './client.js';
import type { Speech } from './speech.js';
import { settled } from './wait.js';

/** How many connections are on their way at a time. */
const concurrency = 128;
const joinTimeoutMs = 120_000;
const quietMs = 300;

/** All connections of a measurement, and what comes in on them. */
export class Crowd implements Listener {
  readonly clients: Client[] = [];
  /** Told of frames that came for a client; its `frameCount` is that before them. */
  onFrames: (client: Client, count: number) => void = () => {};
  /** Connections that ended, whoever ended them. */
  lost = 0;
  #lastReason = '';
  #entrants: Entrant[] = [];
  #ready = 0;
  #wanted = 0;
  #done: (error?: Error) => void = () => {};

  constructor(
    readonly target: Target,
    readonly speech: Speech,
  ) {}

  /** Connects them all, and resolves when each has joined what it joins. */
  async enter(entrants: readonly Entrant[], parallel = concurrency): Promise<Client[]> {
    const first = this.clients.length;
    this.#entrants = [...entrants].reverse();
    this.#ready = 0;
    this.#wanted = entrants.length;
    if (entrants.length === 0) return [];
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => this.#done(new Error(this.#missing('in time'))), joinTimeoutMs);
      this.#done = (error) => {
        clearTimeout(timer);
        this.#done = () => {};
        error === undefined ? resolve() : reject(error);
      };
      for (let n = 0; n < parallel; n++) this.#start();
    });
    return this.clients.slice(first);
  }

  /** Members of the rooms, numbered from `first`. */
  members(count: number, rooms: (member: number) => readonly string[], first = 0): Entrant[] {
    return Array.from({ length: count }, (_, n) => ({
      path: this.speech.memberPath(first + n),
      headers: this.speech.memberHeaders?.(first + n) ?? {},
      steps: this.speech.join(first + n, rooms(first + n)),
    }));
  }

  publishers(count: number): Entrant[] {
    return Array.from({ length: count }, () => ({
      path: this.speech.publisherPath,
      headers: {},
      steps: this.speech.publisherJoin,
    }));
  }

  /** Resolves when nothing has come for a while: what a wire tells about who has joined is not to be counted. */
  async quiet(): Promise<void> {
    let last = performance.now();
    this.onFrames = () => {
      last = performance.now();
    };
    await settled(() => performance.now() - last > quietMs, joinTimeoutMs);
  }

  ready(): void {
    if (++this.#ready === this.#wanted) this.#done();
    else this.#start();
  }

  frames(client: Client, count: number): void {
    this.onFrames(client, count);
  }

  gone(_client: Client, reason: string): void {
    this.lost++;
    this.#lastReason = reason;
    this.#done(new Error(this.#missing(reason)));
  }

  #start(): void {
    const entrant = this.#entrants.pop();
    if (entrant === undefined) return;
    this.clients.push(new Client(this.target, entrant, this.speech, this));
  }

  /** Why what was measured can't count, where a connection ended. */
  get doubt(): string | undefined {
    return this.lost === 0 ? undefined : `${this.lost} connections ended: ${this.#lastReason}`;
  }

  #missing(why: string): string {
    return `only ${this.#ready} of ${this.#wanted} connections joined: ${why}`;
  }
}
