/** Waits until `condition` holds or gives a value, and fails after `withinMs` with what it was waiting for. */
export async function eventually<Value>(
  condition: () => Value | Promise<Value>,
  what = 'the condition',
  withinMs = 10_000,
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== undefined && value !== null) return value;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
