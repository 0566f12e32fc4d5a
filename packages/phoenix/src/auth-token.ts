const prefix = 'base64url.bearer.phx.';
const subprotocol = 'phoenix';
const base64 = /^[A-Za-z0-9+/_-]*$/;
const decoder = new TextDecoder('utf-8', { fatal: true });

/** What a client's subprotocols say. */
export interface Offer {
  readonly token: string | null;
  /** What to answer with; undefined where the client offers nothing besides a token. */
  readonly protocol: string | undefined;
}

/**
 * Reads the token that a client offers among its subprotocols: `phoenix, base64url.bearer.phx.TOKEN`. In spite of its
 * name that is ordinary base64 without padding; base64url is understood as well. Undefined where the token is neither,
 * or the client offers other subprotocols only: the connection is refused.
 */
export function readAuthToken(offered: readonly string[]): Offer | undefined {
  const tokens = offered.filter((protocol) => protocol.startsWith(prefix));
  const others = offered.filter((protocol) => !protocol.startsWith(prefix));
  if (others.length > 0 && !others.includes(subprotocol)) return undefined;
  const protocol = others.length > 0 ? subprotocol : undefined;
  // Of two tokens neither is the one that was meant.
  if (tokens.length !== 1) return { token: null, protocol };
  const token = decodeToken((tokens[0] as string).slice(prefix.length));
  return token === undefined ? undefined : { token, protocol };
}

function decodeToken(text: string): string | undefined {
  if (!base64.test(text) || text.length % 4 === 1) return undefined;
  try {
    return decoder.decode(Buffer.from(text, 'base64'));
  } catch {
    // Bytes that are no text are no token.
    return undefined;
  }
}
