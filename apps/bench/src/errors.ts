/** What the user can do something about: told in one line. */
export class BenchError extends Error {
  override readonly name = 'BenchError';

  /** @param fatal no further measurement would fare better: the run ends, with exit code 1. */
  constructor(
    message: string,
    readonly fatal = false,
  ) {
    super(message);
  }
}
