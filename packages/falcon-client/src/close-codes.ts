// The protocol's close reason in numbers: all its texts would be a part of every page.
const tokenExpired = 4401;

/** Whether it takes another token, or a renewed cookie, to connect again. */
export function shouldRefreshToken(code: number): boolean {
  return code === tokenExpired;
}
