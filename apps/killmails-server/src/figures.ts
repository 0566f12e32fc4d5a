import type { Cluster } from '@roomcast/engine';
import type { KillmailsGateway } from '@roomcast/killmails-gateway';
import { Distinct } from '@roomcast/server';
import * as z from 'zod';
import type { FeedStatus } from './feed.js';

export interface ClusterFiguresOptions {
  cluster: Pick<Cluster, 'answer' | 'ask' | 'options'>;
  gateway: Pick<KillmailsGateway, 'stats' | 'mount' | 'wanted'>;
  feed(): FeedStatus | undefined;
  now(): number;
}

const feedStatus = z.object({
  source: z.enum(['r2z2', 'demo']),
  state: z.string(),
  sequence: z.number().optional(),
});

const figures = z.object({
  connections: z.number(),
  killsReceived: z.number(),
  killsKept: z.number(),
  systems: z.string(),
  characters: z.string(),
  feed: feedStatus.nullable(),
});

/** What all instances together serve. */
export interface Figures {
  readonly connections: number;
  /** Systems and characters that somebody wants, each once. */
  readonly systems: number;
  readonly characters: number;
  readonly killsReceived: number;
  readonly killsKept: number;
  /** Of the instance that reads the feed. */
  readonly feed: FeedStatus | undefined;
  /** Instances that did not answer, and that the figures leave out. */
  readonly missing: number;
}

const question = 'killmails.figures';
/** Counting what everybody wants takes a look at every room; anybody may ask, so it is done at most so often. */
const keptForMs = 2000;
const timeoutMs = 1000;

/** The figures of the cluster, at most two seconds old. */
export class ClusterFigures {
  readonly #options: ClusterFiguresOptions;
  #last: { at: number; figures: Promise<Figures> } | undefined;

  constructor(options: ClusterFiguresOptions) {
    this.#options = options;
    options.cluster.answer(question, () => this.#own());
  }

  read(): Promise<Figures> {
    const now = this.#options.now();
    if (this.#last === undefined || now - this.#last.at >= keptForMs) this.#last = { at: now, figures: this.#ask() };
    return this.#last.figures;
  }

  #own(): z.infer<typeof figures> {
    const { gateway, feed } = this.#options;
    const { connections, killsReceived, killsKept } = gateway.stats();
    const [systems, characters] = [new Distinct(), new Distinct()];
    for (const id of gateway.wanted('systems')) systems.add(id);
    for (const id of gateway.wanted('characters')) characters.add(id);
    return {
      connections,
      killsReceived,
      killsKept,
      systems: systems.encode(),
      characters: characters.encode(),
      feed: feed() ?? null,
    };
  }

  async #ask(): Promise<Figures> {
    const parse = (value: unknown) => figures.safeParse(value).data;
    const { answers, missing } = await this.#options.cluster.ask(question, null, { timeoutMs, parse });
    const all = [...answers.values()];
    const [systems, characters] = [new Distinct(), new Distinct()];
    for (const answer of all) {
      systems.merge(answer.systems);
      characters.merge(answer.characters);
    }
    const feeds = all.flatMap(({ feed }) => (feed === null ? [] : [feed]));
    return {
      connections: all.reduce((sum, { connections }) => sum + connections, 0),
      systems: systems.count().total,
      characters: characters.count().total,
      // Every instance takes every kill: the one that has run longest knows of the most.
      killsReceived: Math.max(0, ...all.map(({ killsReceived }) => killsReceived)),
      killsKept: Math.max(0, ...all.map(({ killsKept }) => killsKept)),
      feed: feeds.find(({ state }) => state !== 'stopped') ?? feeds[0],
      missing: missing.size,
    };
  }
}
