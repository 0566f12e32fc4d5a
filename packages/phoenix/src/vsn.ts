import type { Param } from './params.js';
import type { Dialect } from './serializer.js';

const number = '(?:0|[1-9]\\d*)';
const semVer = new RegExp(`^(${number})\\.(${number})\\.(${number})(-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?$`);

/**
 * The dialect that the `vsn` of the URL asks for: `~> 1.0.0`, which is also what no `vsn` means, or `~> 2.0.0`.
 * Undefined for any other: the connection is refused.
 */
export function dialectOf(vsn: Param | undefined): Dialect | undefined {
  if (vsn === undefined) return 'v1';
  const parts = typeof vsn === 'string' ? semVer.exec(vsn) : null;
  if (parts === null || parts[2] !== '0') return undefined;
  const [, major, , patch, preRelease] = parts;
  // A pre-release comes before its version, so that of x.0.0 is not yet x.0.0.
  if (patch === '0' && preRelease !== undefined) return undefined;
  if (major === '1') return 'v1';
  return major === '2' ? 'v2' : undefined;
}
