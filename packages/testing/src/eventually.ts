/**
 * Milliseconds that a test waits for what must come. Many, since a busy machine may stand still for seconds: they pass only
 * where a test fails. Less than a test may take (`vitest.config.ts`), so that it says what did not come.
 */
export const patienceMs = 30_000;

/** Waits until `condition` holds or gives a value, and fails after `withinMs` with what it was waiting for. */
export async function eventually<Value>(
  condition: () => Value | Promise<Value>,
  what = 'the condition',
  withinMs = patienceMs,
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined && value !== null) return value;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
