import { httpBaseOf } from '../services/http-base.js';
import { type ServiceName, serviceNames } from '../services/names.js';
import { type Sign, signs } from '../services/recognise.js';
import { answers, request } from '../services/request.js';
import type { Problem } from './problem.js';
import { expiryOf } from './token-times.js';

type Found = 'recognised' | 'other' | 'unreadable';

/**
 * Browsers do not tell a page why a WebSocket was refused. What the same server says over HTTP does: whether anything is
 * there, whether it lets this page in, and which service it is.
 * @param token what was presented, where something was
 */
export async function diagnose(service: ServiceName, url: string, token: string | undefined): Promise<Problem> {
  const base = httpBaseOf(url);
  if (base === undefined)
    return { kind: 'bad-url', expected: 'expected one that begins with ws://, wss://, http:// or https://' };
  if (isMixed(base)) return { kind: 'insecure' };
  const found = await look(base, signs[service]);
  if (found === 'unreadable') {
    return (await answers(`${base}/`))
      ? { kind: 'origin', where: base, origin: location.origin }
      : { kind: 'unreachable', where: base };
  }
  if (found === 'recognised') return (await isReady(base)) ? tokenProblem(token) : { kind: 'busy', where: base };
  const others = serviceNames.filter((name) => name !== service);
  const looks = await Promise.all(others.map((name) => look(base, signs[name])));
  return { kind: 'other-service', where: base, found: others[looks.indexOf('recognised')] };
}

/** A token that was refused, by a server that is otherwise in order. */
export function tokenProblem(token: string | undefined, now: number = Date.now()): Problem {
  const at = token === undefined ? undefined : expiryOf(token);
  if (at !== undefined && at < now) return { kind: 'token-expired', at };
  return { kind: 'token-refused', hasToken: token !== undefined && token !== '' };
}

async function look(base: string, sign: Sign): Promise<Found> {
  try {
    return sign.isAnswer((await request(`${base}${sign.path}`)).body) ? 'recognised' : 'other';
  } catch {
    return 'unreadable';
  }
}

/** Servers that do not know the path are taken for ready. */
async function isReady(base: string): Promise<boolean> {
  try {
    return (await request(`${base}/readyz`)).status !== 503;
  } catch {
    return false;
  }
}

/** Browsers make an exception for the machine itself. */
function isMixed(base: string): boolean {
  const { protocol, hostname } = new URL(base);
  return location.protocol === 'https:' && protocol === 'http:' && !/^(localhost|127\..*|\[::1\])$/.test(hostname);
}
