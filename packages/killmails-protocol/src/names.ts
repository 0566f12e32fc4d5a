/** Where names of ids come from; undefined where one is not known. Called once per id and killmail, so keep it cheap. */
export interface Names {
  character(id: number): string | undefined;
  corporation(id: number): string | undefined;
  alliance(id: number): string | undefined;
  /** Ships and structures, by type id. */
  ship(id: number): string | undefined;
  system(id: number): string | undefined;
}

const unknown = (): undefined => undefined;

/** Knows nothing: killmails keep the names that came with them. */
export const noNames: Names = Object.freeze({
  character: unknown,
  corporation: unknown,
  alliance: unknown,
  ship: unknown,
  system: unknown,
});
