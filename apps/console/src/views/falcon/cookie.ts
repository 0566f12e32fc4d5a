const name = 'falcon_auth_token';
/** Longer than what servers set it for: of two cookies browsers send the one with the longer path first. */
const path = '/websocket';

/**
 * Browsers let no page set the headers of a WebSocket, so that a token travels as a cookie, which a page may only set for
 * its own host. Says what to do where that is not the server's.
 */
export function setTokenCookie(token: string, url: string): string | undefined {
  const isOwnHost = URL.canParse(url) && new URL(url).hostname === location.hostname;
  if (isOwnHost) {
    // biome-ignore lint/suspicious/noDocumentCookie: the cookie store's API is not in all browsers.
    document.cookie = `${name}=${token}; Path=${path}; SameSite=Lax; ${token === '' ? 'Max-Age=0' : ''}`;
  }
  if (isOwnHost || token === '') return undefined;
  return `A browser sends this token only to ${location.hostname}, as a cookie: sign in at the server’s own site instead, in this browser.`;
}
