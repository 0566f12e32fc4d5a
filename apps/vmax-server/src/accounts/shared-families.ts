import type { Cluster } from '@roomcast/engine';
import * as z from 'zod';
import {
  type FamilyState,
  RefreshFamilies,
  type RefreshFamiliesOptions,
  type RefreshId,
  type Rotation,
} from './refresh-families.js';

const refreshId = z.object({ family: z.string(), id: z.string() });
const familyState = z.object({
  family: z.string(),
  userId: z.string(),
  current: z.string().nullable(),
  expiresAt: z.number(),
  version: z.int(),
});
const rotation = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('rotated'), userId: z.string(), next: refreshId }),
  z.object({ kind: z.literal('reused'), userId: z.string() }),
  z.object({ kind: z.literal('revoked') }),
  z.object({ kind: z.literal('unknown') }),
]);

/**
 * The refresh tokens that are good on any instance. All keep what is known of every family, and a token is taken by the
 * family's owner, so that of two that bring the same one only the first gets the next. While the owner can't be asked
 * the instance at hand decides by what it knows.
 */
export class SharedFamilies {
  readonly #families: RefreshFamilies;
  readonly #cluster: Cluster;

  constructor(cluster: Cluster, options: RefreshFamiliesOptions) {
    this.#cluster = cluster;
    this.#families = new RefreshFamilies(options);
    cluster.answer('vmax.refresh.rotate', (value) => this.#rotate(refreshId.parse(value)));
    cluster.answer('vmax.refresh.state', (value) => this.#families.state(z.string().parse(value)));
    cluster.answer('vmax.refresh.changed', (value) => this.#families.adopt(familyState.parse(value)));
  }

  /** Somebody has logged in. */
  start(userId: string): RefreshId {
    const id = this.#families.start(userId);
    this.#tell(id.family);
    return id;
  }

  /** Takes a token and gives the next. */
  async rotate(id: RefreshId): Promise<Rotation> {
    const owner = this.#cluster.owner(id.family);
    const parse = (value: unknown) => rotation.safeParse(value).data;
    const { answers } = await this.#cluster.ask('vmax.refresh.rotate', id, { of: [owner], parse });
    return answers.get(owner) ?? this.#rotate(id);
  }

  /** What looks wrong here may only be old: an instance may have come late, or have missed a change. */
  async #rotate(id: RefreshId): Promise<Rotation> {
    if (this.#families.state(id.family)?.current !== id.id) await this.#learn(id.family);
    const rotated = this.#families.rotate(id);
    this.#tell(id.family);
    return rotated;
  }

  async #learn(family: string): Promise<void> {
    const self = this.#cluster.options.instance;
    const of = [...this.#cluster.members.ids()].filter((instance) => instance !== self);
    const parse = (value: unknown): FamilyState | null | undefined => familyState.nullable().safeParse(value).data;
    const { answers } = await this.#cluster.ask('vmax.refresh.state', family, { of, timeoutMs: 1000, parse });
    for (const state of answers.values()) if (state !== null) this.#families.adopt(state);
  }

  #tell(family: string): void {
    const state = this.#families.state(family);
    if (state !== undefined) this.#cluster.tell('vmax.refresh.changed', state);
  }
}
