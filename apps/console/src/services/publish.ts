import * as z from 'zod/mini';
import { bearer, request } from './request.js';

/** What became of a publication. */
export type Published =
  | { readonly ok: true; readonly accepted: number }
  | { readonly ok: false; readonly error: string; readonly issues: readonly Issue[] };

interface Issue {
  readonly path: string;
  readonly message: string;
}

const accepted = z.looseObject({ accepted: z.number() });
const refused = z.looseObject({
  error: z.string(),
  issues: z.optional(z.array(z.object({ path: z.string(), message: z.string() }))),
});

/** Publishes one event or several through a service's publish API. Never rejects. */
export async function publish(httpBase: string, token: string, events: unknown): Promise<Published> {
  try {
    const { status, body } = await request(`${httpBase}/api/publish`, {
      method: 'POST',
      headers: { ...bearer(token), 'Content-Type': 'application/json' },
      body: JSON.stringify(events),
    });
    if (status === 202) return { ok: true, accepted: accepted.safeParse(body).data?.accepted ?? 0 };
    const { data } = refused.safeParse(body);
    return { ok: false, error: explained(status, data?.error), issues: data?.issues ?? [] };
  } catch {
    return { ok: false, error: 'The publish API did not answer, or not to this page.', issues: [] };
  }
}

function explained(status: number, error: string | undefined): string {
  if (status === 401) return 'The publish token was refused: enter the server’s PUBLISH_TOKEN in the connection form.';
  if (status === 404) return 'The publish API is off: start the server with PUBLISH_TOKEN.';
  return `${error ?? 'Not published'} (HTTP ${status}).`;
}
