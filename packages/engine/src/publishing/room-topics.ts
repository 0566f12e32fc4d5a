import type { Topics } from './topics.js';

/** Holds each room's topic from its first member's join to its last member's leave. */
export class RoomTopics {
  readonly #topicOf = new Map<string, string>();

  constructor(readonly topics: Topics) {}

  /** Runs `enter` once the topic's events arrive here: at once where they do already. */
  acquire(room: string, topic: string, enter: () => boolean): boolean | Promise<boolean> {
    const standing = this.topics.acquire(topic);
    if (standing === undefined) return this.#entered(room, topic, enter);
    return standing.then(() => this.#entered(room, topic, enter));
  }

  /** The room's last member has left. */
  release(room: string): void {
    const topic = this.#topicOf.get(room);
    if (topic === undefined) return;
    this.#topicOf.delete(room);
    this.topics.release(topic);
  }

  /** One want is kept for the room; that of a join that failed, or found the room there, is given back. */
  #entered(room: string, topic: string, enter: () => boolean): boolean {
    let kept = false;
    try {
      const entered = enter();
      kept = entered && !this.#topicOf.has(room);
      if (kept) this.#topicOf.set(room, topic);
      return entered;
    } finally {
      if (!kept) this.topics.release(topic);
    }
  }
}
