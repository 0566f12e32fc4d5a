import type { Share } from './share.js';

/** A connection, as far as its place among others of the same identity goes. */
interface Connection {
  /** Milliseconds since the epoch. */
  readonly connectedAt: number;
}

export interface SharedConnectionsOptions<Member extends Connection> {
  /** The connections of an identity here. */
  of(identity: string): ReadonlySet<Member> | undefined;
  max: number;
  /** - `refuse`: one more does not fit. - `close-oldest`: one more has the oldest closed, wherever that is. */
  whenTooMany: 'refuse' | 'close-oldest';
  /** Ends a connection that is one too many. */
  close(member: Member): void;
}

/**
 * How many connections an identity has on all instances. Every instance shares when its own began, so that all agree
 * which are the oldest; each closes those that are its own. Approximate: two that connect to two instances in the same
 * moment may both find a place that there is only once.
 */
export class SharedConnections<Member extends Connection> {
  constructor(
    readonly share: Share<readonly number[]>,
    readonly options: SharedConnectionsOptions<Member>,
  ) {
    if (options.whenTooMany === 'close-oldest') share.onChange((identity) => this.#closeOldest(identity));
  }

  /** Whether one more has its place, as far as is known here. */
  fits(identity: string): boolean {
    const { whenTooMany, max, of } = this.options;
    return whenTooMany === 'close-oldest' || (of(identity)?.size ?? 0) + this.#elsewhere(identity).length < max;
  }

  /** Connections of an identity here are others than before. */
  changed(identity: string): void {
    const own = [...(this.options.of(identity) ?? [])].map(({ connectedAt }) => connectedAt);
    this.share.set(identity, own.length === 0 ? undefined : own);
  }

  /** The connections elsewhere, the oldest first. */
  #elsewhere(identity: string): Begun[] {
    const begun: Begun[] = [];
    for (const [instance, times] of this.share.byInstance(identity)) {
      if (instance !== this.share.host.self) for (const at of times) begun.push({ at, instance });
    }
    return begun.sort(byAge);
  }

  #closeOldest(identity: string): void {
    const { of, max, close } = this.options;
    const instance = this.share.host.self;
    const elsewhere = this.#elsewhere(identity);
    const own = [...(of(identity) ?? [])].map((member) => ({ at: member.connectedAt, instance, member })).sort(byAge);
    let tooMany = own.length + elsewhere.length - max;
    for (const mine of own) {
      // Those elsewhere that are older go first, and there.
      while (elsewhere[0] !== undefined && byAge(elsewhere[0], mine) < 0) {
        elsewhere.shift();
        tooMany--;
      }
      if (tooMany <= 0) return;
      close(mine.member);
      tooMany--;
    }
  }
}

interface Begun {
  readonly at: number;
  readonly instance: string;
}

/** Of the same moment, too, all instances put the same one first. */
function byAge(one: Begun, other: Begun): number {
  return one.at - other.at || (one.instance < other.instance ? -1 : Number(one.instance > other.instance));
}
