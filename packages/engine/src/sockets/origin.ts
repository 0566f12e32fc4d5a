/**
 * Which pages may connect: exact origins (`https://example.com`), `'same-host'` for pages of the host and port that is
 * connected to, or `'*'` for all. A connection without an Origin header comes from no page and is always allowed.
 */
export type OriginPolicy = '*' | readonly string[];

/** Whether the policy lets a request with these headers through. */
export function originAllowed(
  policy: OriginPolicy,
  headers: { origin?: string | undefined; host?: string | undefined },
): boolean {
  const { origin, host } = headers;
  if (policy === '*' || origin === undefined) return true;
  return policy.includes(origin) || (policy.includes('same-host') && isSameHost(origin, host));
}

function isSameHost(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const { protocol } = new URL(origin);
  if (protocol !== 'http:' && protocol !== 'https:') return false;
  // Both sides go through the parser, so that a default port that only one of them spells out makes no difference.
  return URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === new URL(origin).host;
}
