const pairs = [
  ['timestamp', 'latestTimestamp'],
  ['soc', 'latestSoc'],
  ['soh', 'latestSoh'],
] as const;

/**
 * Fills in what an upload of several records leaves out: other servers tell only `latest…` of the last record, and
 * clients read `timestamp`, `soc` and `soh`. Of a pair that differs the latest record's counts. Anything else stays.
 */
export function completeTelemetry(payload: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!isBatch(payload)) return payload;
  const complete: Record<string, unknown> = { ...payload };
  for (const [name, latest] of pairs) {
    const value = payload[latest] ?? payload[name];
    if (value === undefined) continue;
    complete[name] = value;
    complete[latest] = value;
  }
  return complete;
}

/** Whether it tells of an upload of several records. */
export function isBatch(payload: Readonly<Record<string, unknown>>): boolean {
  return payload.recordsUploaded !== undefined || pairs.some(([, latest]) => payload[latest] !== undefined);
}
