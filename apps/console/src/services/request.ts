/** Whoever waits longer takes a server for dead. */
const timeoutMs = 5000;

export interface Answer {
  readonly status: number;
  /** JSON where it is JSON, else the text. */
  readonly body: unknown;
}

/** Asks a service over HTTP. Rejects when nothing answers, or the page may not read the answer. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs), cache: 'no-store' });
  const text = await response.text();
  return { status: response.status, body: parsed(text) };
}

/** Whether anything answers, readable or not. */
export async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { mode: 'no-cors', signal: AbortSignal.timeout(timeoutMs), cache: 'no-store' });
    return true;
  } catch {
    return false; // Refused, unknown host, no certificate: for the page all the same.
  }
}

export function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text; // Metrics and error pages are no JSON.
  }
}
