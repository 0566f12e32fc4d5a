/** One thing that is wrong with an input. */
export interface Issue {
  /** Where, as keys and indexes joined by dots (`data.platforms.3`); empty for the input itself. */
  readonly path: string;
  /** What was expected and what came. */
  readonly message: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };
