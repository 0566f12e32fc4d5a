import { randomUUID } from 'node:crypto';

export interface RefreshFamiliesOptions {
  /** How long a refresh token is good for, in seconds. */
  lifetimeSeconds: number;
  /** Logins of one user that can be renewed at a time; beyond that the oldest can't any more. @default 50 */
  maxPerUser?: number;
  now(): number;
}

/** One login and what has come of it: each refresh token is used once, and makes the next. */
interface Family {
  readonly userId: string;
  /** The id of the token that is still good; null when none is, because an old one was used again. */
  current: string | null;
  expiresAt: number;
  /** Grows with every change. */
  version: number;
}

/** A family as instances tell each other of it. */
export type FamilyState = Readonly<Family> & { readonly family: string };

/** What a refresh token is known by. */
export interface RefreshId {
  readonly family: string;
  readonly id: string;
}

/**
 * - `rotated`: here is the next.
 * - `reused`: it was used before, which ends its family.
 * - `revoked`: its family is over already.
 * - `unknown`: no login made it, or it has expired.
 */
export type Rotation =
  | { readonly kind: 'rotated'; readonly userId: string; readonly next: RefreshId }
  | { readonly kind: 'reused'; readonly userId: string }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'unknown' };

/**
 * The refresh tokens that are good. A token that was used before is a token that was stolen, from its holder or by it: its
 * whole family is over.
 */
export class RefreshFamilies {
  readonly #families = new Map<string, Family>();
  /** The families of each user, the oldest first. */
  readonly #ofUser = new Map<string, Set<string>>();
  readonly #maxPerUser: number;

  constructor(readonly options: RefreshFamiliesOptions) {
    this.#maxPerUser = options.maxPerUser ?? 50;
  }

  get size(): number {
    return this.#families.size;
  }

  /** Somebody has logged in. */
  start(userId: string): RefreshId {
    const family = randomUUID();
    const id = randomUUID();
    const ofUser = this.#ofUser.get(userId) ?? new Set();
    this.#ofUser.set(userId, ofUser.add(family));
    this.#families.set(family, { userId, current: id, expiresAt: this.#expiry(), version: 1 });
    this.#bound(ofUser);
    return { family, id };
  }

  /** What is known of a family here. */
  state(family: string): FamilyState | undefined {
    const known = this.#families.get(family);
    return known === undefined || this.#isOver(family) ? undefined : { family, ...known };
  }

  /** Takes over what another instance knows of a family, where that is newer. */
  adopt({ family, ...state }: FamilyState): void {
    const known = this.#families.get(family);
    if (known !== undefined && known.version >= state.version) return;
    const ofUser = this.#ofUser.get(state.userId) ?? new Set();
    this.#ofUser.set(state.userId, ofUser.add(family));
    this.#families.set(family, state);
    this.#bound(ofUser);
  }

  #bound(ofUser: Set<string>): void {
    for (const other of ofUser) {
      if (ofUser.size <= this.#maxPerUser && !this.#isOver(other)) break;
      this.#forget(other);
    }
  }

  /** Takes a token and gives the next. */
  rotate({ family: name, id }: RefreshId): Rotation {
    const family = this.#families.get(name);
    if (family === undefined || this.#isOver(name)) return { kind: 'unknown' };
    if (family.current === null) return { kind: 'revoked' };
    if (family.current !== id) {
      family.current = null;
      family.version++;
      return { kind: 'reused', userId: family.userId };
    }
    const next = { family: name, id: randomUUID() };
    family.current = next.id;
    family.version++;
    family.expiresAt = this.#expiry();
    return { kind: 'rotated', userId: family.userId, next };
  }

  #expiry(): number {
    return this.options.now() + this.options.lifetimeSeconds * 1000;
  }

  #isOver(name: string): boolean {
    return (this.#families.get(name)?.expiresAt ?? 0) <= this.options.now();
  }

  #forget(name: string): void {
    const userId = this.#families.get(name)?.userId ?? '';
    this.#families.delete(name);
    const ofUser = this.#ofUser.get(userId);
    ofUser?.delete(name);
    if (ofUser?.size === 0) this.#ofUser.delete(userId);
  }
}
