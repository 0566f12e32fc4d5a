import { randomUUID } from 'node:crypto';
import type { Clock, Stop } from '../clock.js';
import { RoomcastError } from '../errors.js';
import type { ClusterMessage, Outgoing } from './messages.js';

/** Why an instance is not among those that answered. */
export type Missing =
  /** It did not answer in time. */
  | 'no answer'
  /** It went, or was given up, before it answered. */
  | 'gone'
  /** The bus took the question or the answer not. */
  | 'bus down'
  /** Its handler threw or rejected; its log says more. */
  | 'failed'
  /** It has no handler for the question: another version, or still starting. */
  | 'unknown question'
  /** Its answer was larger than a message may be. */
  | 'too large'
  /** What it answered is not what was expected. */
  | 'not understood';

export interface AskOptions<Answer> {
  /** Whom to ask. @default every member, this instance among them */
  of?: Iterable<string>;
  /** How long to wait for answers, in milliseconds. @default 2000 */
  timeoutMs?: number;
  /** Checks an answer; undefined: it is not understood. @default it is taken as it is */
  parse?(value: unknown): Answer | undefined;
}

/** Who answered what, and who did not and why. */
export interface Answers<Answer> {
  readonly answers: ReadonlyMap<string, Answer>;
  readonly missing: ReadonlyMap<string, Missing>;
}

/** Answers a question of an instance, synchronously or not, with something that JSON can carry. */
export type AnswerHandler = (question: unknown, from: string) => unknown;

/** What questions need of the cluster. */
export interface QuestionsHost {
  readonly self: string;
  readonly clock: Clock;
  members(): Iterable<string>;
  has(member: string): boolean;
  /** To one instance, or to all others. Resolves to whether the bus has it. */
  send(message: Outgoing, to?: string): Promise<boolean>;
  failed(error: unknown, message: string): void;
}

/** How long an ask waits, in milliseconds: above a slow pause of a process, below what somebody with a browser waits. */
export const askTimeoutMs = 2000;
/** Characters of one question or answer. NATS takes 1 MiB in one message by default, and each character is up to 3 bytes. */
const maxMessageLength = 256 * 1024;

const reasons: readonly string[] = ['failed', 'unknown question', 'too large'] satisfies Missing[];

interface Asked {
  answered(member: string, value: unknown): void;
  missing(member: string, why: Missing): void;
  end(): void;
}

/** Questions that instances ask each other: every member answers within a bounded time, or is known not to have. */
export class Questions {
  readonly #handlers = new Map<string, AnswerHandler>();
  readonly #asked = new Map<string, Asked>();

  constructor(readonly host: QuestionsHost) {}

  /** Has this instance answer questions of a name, its own too. Throws where somebody does already. */
  handle(name: string, handler: AnswerHandler): Stop {
    if (this.#handlers.has(name))
      throw new RoomcastError(`the question "${name}" is answered already: use another name`);
    this.#handlers.set(name, handler);
    return () => {
      if (this.#handlers.get(name) === handler) this.#handlers.delete(name);
    };
  }

  /** Never rejects for what others do; throws where the question is larger than a message may be. */
  ask<Answer>(name: string, question: unknown, options: AskOptions<Answer> = {}): Promise<Answers<Answer>> {
    const { of, timeoutMs = askTimeoutMs, parse = (value) => value as Answer } = options;
    const waiting = new Set(of ?? this.host.members());
    const toAll = of === undefined;
    const answers = new Map<string, Answer>();
    const missing = new Map<string, Missing>();
    const id = randomUUID();
    const message: Outgoing = { kind: 'ask', id, name, question };
    checkLength(message);
    return new Promise((resolve) => {
      const stop = this.host.clock.after(timeoutMs, () => {
        for (const member of waiting) missing.set(member, 'no answer');
        done();
      });
      const done = () => {
        stop();
        this.#asked.delete(id);
        resolve({ answers, missing });
      };
      const settle = (member: string, put: () => void) => {
        if (!waiting.delete(member)) return;
        put();
        if (waiting.size === 0) done();
      };
      const asked: Asked = {
        answered: (member, value) =>
          settle(member, () => {
            const answer = attemptParse(parse, value);
            if (answer === undefined) missing.set(member, 'not understood');
            else answers.set(member, answer);
          }),
        missing: (member, why) => settle(member, () => missing.set(member, why)),
        end: () => {
          for (const member of waiting) missing.set(member, 'gone');
          done();
        },
      };
      this.#asked.set(id, asked);
      if (waiting.size === 0) done();
      void this.#spread(message, [...waiting], toAll, asked);
    });
  }

  /** Has every other instance's handler of the name run, with nobody waiting for it. What is too large is refused. */
  tell(name: string, value: unknown, to?: string): void {
    const message: Outgoing = { kind: 'tell', name, value };
    checkLength(message);
    void this.host.send(message, to);
  }

  /** An instance is not there any more: nobody waits for it. */
  gone(member: string): void {
    for (const asked of [...this.#asked.values()]) asked.missing(member, 'gone');
  }

  /** Nobody is waited for any more. */
  close(): void {
    for (const asked of [...this.#asked.values()]) asked.end();
  }

  /** Takes a message that is a question, an answer or a tell. */
  receive(message: ClusterMessage): void {
    switch (message.kind) {
      case 'ask':
        void this.#reply(message);
        break;
      case 'tell':
        void this.#run(message.name, message.value, message.from);
        break;
      case 'answer':
        this.#asked.get(message.id)?.answered(message.from, message.value);
        break;
      case 'no-answer': {
        const why = reasons.includes(message.reason) ? (message.reason as Missing) : 'failed';
        this.#asked.get(message.id)?.missing(message.from, why);
        break;
      }
    }
  }

  async #spread(message: Outgoing & { kind: 'ask' }, members: string[], toAll: boolean, asked: Asked): Promise<void> {
    const { self } = this.host;
    const others = members.filter((member) => member !== self);
    for (const member of others) if (!this.host.has(member)) asked.missing(member, 'gone');
    const sendings = toAll && others.length > 0 ? [this.#send(message, others, asked)] : [];
    if (!toAll) sendings.push(...others.map((member) => this.#send(message, [member], asked, member)));
    if (members.includes(self)) {
      const result = await this.#run(message.name, message.question, self);
      if (result.ok) asked.answered(self, result.value);
      else asked.missing(self, result.why);
    }
    await Promise.all(sendings);
  }

  async #send(message: Outgoing, members: string[], asked: Asked, to?: string): Promise<void> {
    if (await this.host.send(message, to)) return;
    for (const member of members) asked.missing(member, 'bus down');
  }

  async #reply({ id, name, question, from }: ClusterMessage & { kind: 'ask' }): Promise<void> {
    const result = await this.#run(name, question, from);
    const message: Outgoing = result.ok
      ? { kind: 'answer', id, value: result.value }
      : { kind: 'no-answer', id, reason: result.why };
    if (lengthOf(message) <= maxMessageLength) void this.host.send(message, from);
    else {
      this.host.failed(
        new RoomcastError(`expected at most ${maxMessageLength} characters`),
        `the answer to "${name}" is too large`,
      );
      void this.host.send({ kind: 'no-answer', id, reason: 'too large' }, from);
    }
  }

  async #run(
    name: string,
    question: unknown,
    from: string,
  ): Promise<{ ok: true; value: unknown } | { ok: false; why: Missing }> {
    const handler = this.#handlers.get(name);
    if (handler === undefined) return { ok: false, why: 'unknown question' };
    try {
      // JSON knows no undefined: a handler that has nothing to say says null.
      return { ok: true, value: (await handler(question, from)) ?? null };
    } catch (error) {
      this.host.failed(error, `answering "${name}" failed`);
      return { ok: false, why: 'failed' };
    }
  }
}

function lengthOf(message: Outgoing): number {
  return JSON.stringify(message).length;
}

function checkLength(message: Outgoing): void {
  const length = lengthOf(message);
  if (length > maxMessageLength) {
    throw new RoomcastError(
      `expected a message of at most ${maxMessageLength} characters, got ${length}: send less at a time`,
    );
  }
}

function attemptParse<Answer>(parse: (value: unknown) => Answer | undefined, value: unknown): Answer | undefined {
  try {
    return parse(value);
  } catch {
    // A check that throws understands the value as little as one that says so.
    return undefined;
  }
}
