import { EngineOptionsError } from '@roomcast/engine';

/** Finds what a topic is served by: `room:lobby` names one topic, `room:*` all that begin with `room:`. */
export class Routes<Target> {
  readonly #exact = new Map<string, Target>();
  readonly #prefixes: [prefix: string, target: Target][] = [];

  /** @param targets by pattern; of several that match, an exact one wins, then the first */
  constructor(targets: Readonly<Record<string, Target>>) {
    for (const [pattern, target] of Object.entries(targets)) {
      const star = pattern.indexOf('*');
      if (star === -1) this.#exact.set(pattern, target);
      else if (star === pattern.length - 1) this.#prefixes.push([pattern.slice(0, -1), target]);
      else throw new EngineOptionsError('channels', 'topics with "*" at their end at most', pattern);
    }
  }

  find(topic: string): Target | undefined {
    return this.#exact.get(topic) ?? this.#prefixes.find(([prefix]) => topic.startsWith(prefix))?.[1];
  }
}
