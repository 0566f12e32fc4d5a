/**
 * Makes something asynchronous run once at a time: all calls while it runs are one more run afterwards. Each call resolves,
 * or rejects, with a run that began after it; a run that fails keeps none of the later ones.
 */
export function coalesced(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  return () => {
    next ??= running.then(() => {
      next = null;
      const begun = run();
      running = begun.catch(() => {});
      return begun;
    });
    return next;
  };
}
