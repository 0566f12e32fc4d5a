const comma = Buffer.from(',');

export interface KillmailUpdateParts {
  system: number;
  /** The killmails, each as JSON text. */
  jsons: readonly Buffer[];
  /** Milliseconds since the epoch. */
  now: number;
  preload: boolean;
}

/** The payload of `killmail_update` as JSON text, around killmails that are encoded already. */
export function killmailUpdate({ system, jsons, now, preload }: KillmailUpdateParts): Buffer {
  const timestamp = new Date(now).toISOString();
  const parts: Buffer[] = [Buffer.from(`{"system_id":${system},"killmails":[`)];
  for (const [index, json] of jsons.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(json);
  }
  parts.push(Buffer.from(`],"timestamp":"${timestamp}","preload":${preload}}`));
  return Buffer.concat(parts);
}

/** The payload of `kill_count_update` as JSON text. */
export function killCountUpdate(system: number, count: number, now: number): Buffer {
  return Buffer.from(JSON.stringify({ system_id: system, count, timestamp: new Date(now).toISOString() }));
}
