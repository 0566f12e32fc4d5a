import type { Cluster, Logger } from '@roomcast/engine';
import * as z from 'zod';
import { minuteOf } from './kill-counts.js';
import type { Kills } from './kills.js';
import type { Taken } from './ledger.js';

export interface CatchUpOptions {
  cluster: Pick<Cluster, 'answer' | 'ask' | 'members' | 'onMembers' | 'options'>;
  /** The mount's name. */
  name: string;
  kills: Kills;
  logger: Logger;
  now(): number;
  /** Takes a kill of another instance, as its JSON says it, which had it in this minute. */
  take(killmail: unknown, minute: number): void;
  /** A kill that another instance had in this minute is not to be had any more. */
  lost(minute: number): void;
}

const minuteMs = 60_000;
/** What is asked for beyond the time of a loss, in milliseconds: clocks differ, and a loss is noticed late. */
const marginMs = 2 * minuteMs;
/** Kills of one page of a ledger, and ids of one question for killmails. */
const maxTaken = 2000;
const maxIds = 200;
/** Characters of killmails in one answer, at most twice as many when they are quoted. The largest killmail takes several. */
const maxTextLength = 120_000;
/** Questions for the killmails of one page of a ledger: the whole history of an instance, by twice over. */
const maxAsks = 2000;
const timeoutMs = 5000;
/** An instance that gave no answer is asked again after this long, for as long as it is there. */
const againMs = 5000;

const taken = z.tuple([z.int(), z.int(), z.int()]);
const ledgerQuestion = z.object({ after: z.number(), sinceMinute: z.number() });
const ledgerPage = z.object({ taken: z.array(taken), next: z.number().nullable() });
const killsQuestion = z.object({ ids: z.array(z.int()).max(maxIds), offset: z.number() });
/** `text` is a part of the killmail's `length` characters, from the question's offset on for the first; null: it is not kept. */
const pieces = z.array(z.object({ id: z.int(), text: z.string().nullable(), length: z.number() }));

type Piece = z.infer<typeof pieces>[number];

/**
 * Has all instances know the same kills: one that comes, or was out of reach, or has lost something on the bus, asks
 * the others what they have that it has not. Kills are told apart by their ids, so that asking once too often does no
 * harm. One question after the other, each answer of a bounded size.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  /** Whom to ask, and from which time on, in milliseconds since the epoch. */
  readonly #wanted = new Map<string, number>();
  /** Since when members are gone. */
  readonly #goneAt = new Map<string, number>();
  #running: Promise<boolean> | null = null;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    const { cluster, name, kills, now } = options;
    cluster.answer(`${name}.ledger`, (question) =>
      kills.ledger.page({ ...ledgerQuestion.parse(question), limit: maxTaken }),
    );
    cluster.answer(`${name}.kills`, (question) => this.#pieces(killsQuestion.parse(question)));
    cluster.onMembers({
      joined: (member) => {
        const goneAt = this.#goneAt.get(member);
        this.#goneAt.delete(member);
        // One that was never heard of may have anything.
        void this.from([member], goneAt === undefined ? 0 : goneAt - marginMs);
      },
      gone: (member) => {
        this.#goneAt.set(member, now());
        if (this.#goneAt.size > 1000) this.#goneAt.delete(this.#goneAt.keys().next().value as string);
      },
    });
  }

  /** Asks every other instance for what it has had of late. Resolves to whether all have answered. */
  everybody(withinMs: number): Promise<boolean> {
    return this.from(this.#others(), this.#options.now() - withinMs);
  }

  /** Resolves, when all that was asked for has come or can't be had, to whether all have answered. */
  from(members: readonly string[], since: number): Promise<boolean> {
    for (const member of members) this.#wanted.set(member, Math.min(since, this.#wanted.get(member) ?? since));
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  #others(): string[] {
    const { members, options } = this.#options.cluster;
    return [...members.ids()].filter((member) => member !== options.instance);
  }

  async #run(): Promise<boolean> {
    let isComplete = true;
    for (const [member, since] of this.#wanted) {
      this.#wanted.delete(member);
      try {
        isComplete = (await this.#ask(member, since)) && isComplete;
      } catch (error) {
        isComplete = false;
        this.#options.logger.error({ member, err: error }, 'kills of another instance could not be taken');
      }
    }
    return isComplete;
  }

  /** Whether it has answered. */
  async #ask(member: string, since: number): Promise<boolean> {
    const { name, kills, logger } = this.#options;
    let after: number | null = 0;
    while (after !== null) {
      const question: object = { after, sinceMinute: minuteOf(Math.max(0, since)) };
      const page: z.infer<typeof ledgerPage> | undefined = await this.#answerOf(
        member,
        `${name}.ledger`,
        question,
        ledgerPage,
      );
      const missing = page?.taken.filter(([id]) => !kills.ledger.has(id)) ?? [];
      if (page === undefined || !(await this.#fetch(member, missing))) {
        logger.warn({ member }, 'an instance does not say which kills it has: some may be missing here for now');
        this.#again(member, since);
        return false;
      }
      after = page.next;
    }
    return true;
  }

  /** What a loss has made one ask for nothing else may bring up again. */
  #again(member: string, since: number): void {
    this.#options.cluster.options.clock.after(againMs, () => {
      if (this.#others().includes(member)) void this.from([member], since);
    });
  }

  /** False where the member gave no answer: what is still missing is to be asked for again. */
  async #fetch(member: string, missing: readonly Taken[]): Promise<boolean> {
    const minutes = new Map(missing.map(([id, , minute]) => [id, minute]));
    const left = missing.map(([id]) => id);
    let begun = '';
    for (let asks = 0; left.length > 0 && asks < maxAsks; asks++) {
      const question = { ids: left.slice(0, maxIds), offset: begun.length };
      const answer = await this.#answerOf(member, `${this.#options.name}.kills`, question, pieces);
      if (answer === undefined) return false;
      if (answer.length === 0) break;
      for (const { id, text, length } of answer) {
        if (id !== left[0]) break;
        begun += text ?? '';
        if (text !== null && begun.length < length) break;
        left.shift();
        if (text !== null) this.#take(begun, minutes.get(id) as number);
        begun = '';
      }
    }
    const now = this.#options.now();
    // What nobody keeps any more is counted all the same.
    for (const one of missing) if (this.#options.kills.note(one, now)) this.#options.lost(one[2]);
    return true;
  }

  #take(text: string, minute: number): void {
    try {
      this.#options.take(JSON.parse(text), minute);
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'a killmail of another instance can not be read: ignored');
    }
  }

  async #answerOf<Schema extends z.ZodType>(
    member: string,
    name: string,
    question: object,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> {
    const parse = (value: unknown) => schema.safeParse(value).data;
    const { answers } = await this.#options.cluster.ask<z.infer<Schema>>(name, question, {
      of: [member],
      timeoutMs,
      parse,
    });
    return answers.get(member);
  }

  #pieces({ ids, offset }: z.infer<typeof killsQuestion>): Piece[] {
    const found: Piece[] = [];
    let room = maxTextLength;
    for (const id of ids) {
      const text = this.#options.kills.history.byId(id)?.json.toString();
      const from = found.length === 0 ? offset : 0;
      const piece = text?.slice(from, from + room) ?? null;
      found.push({ id, text: piece, length: text?.length ?? 0 });
      room -= piece?.length ?? 0;
      if (room <= 0 || (text !== undefined && from + (piece?.length ?? 0) < text.length)) break;
    }
    return found;
  }
}
