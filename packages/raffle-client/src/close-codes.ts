import { shouldReconnect as mayReconnect } from '@roomcast/client-core';

// The protocol's close reasons in numbers: all their texts would be a part of every page.
const tokenRefused = 4401;
const tooManyConnections = 4408;

/** Whether the server took the token for wrong or expired: another one may do. */
export function shouldRefreshToken(code: number): boolean {
  return code === tokenRefused;
}

/** Whether the user has newer connections, as many as the server allows. Coming back would only close one of those. */
export function isTakenOver(code: number): boolean {
  return code === tooManyConnections;
}

/** Whether to connect again after a close that the client did not ask for. */
export function shouldReconnect(code: number): boolean {
  return !isTakenOver(code) && mayReconnect(code);
}
