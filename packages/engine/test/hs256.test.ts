import fc from 'fast-check';
import { errors, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { CredentialsError, jwtVerifier } from '../src/identity/index.js';

const secret = 'a secret of thirty-two bytes, ok';
const key = new TextEncoder().encode(secret);
const now = Math.floor(Date.now() / 1000);

const b64 = (text: string) => Buffer.from(text).toString('base64url');

async function signed(header: string, payload: string): Promise<string> {
  const input = `${b64(header)}.${b64(payload)}`;
  const hmac = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', hmac, new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

const usually = <T, U>(value: T, otherwise: fc.Arbitrary<U>) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: otherwise });
const time = fc.constantFrom(undefined, now - 1000, now - 20, now + 20, now + 1000, 0, -1, 1.5, '1', null, {});
const claims = fc.record(
  {
    iss: usually('us', fc.constantFrom('them', 7, null)),
    aud: usually('here', fc.constantFrom('there', ['there', 'here'], ['there'], [], 7, null)),
    iat: usually(now, time),
    nbf: usually(now, time),
    exp: usually(now + 1000, time),
  },
  { requiredKeys: [] },
);
const header = fc.oneof(
  { weight: 5, arbitrary: fc.constant('{"alg":"HS256","typ":"JWT"}') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '{"alg":"HS512"}',
      '{"alg":"none"}',
      '{}',
      '[]',
      'null',
      '{"alg":["HS256"]}',
      '{"alg":"HS256","crit":["exp"],"exp":1}',
      '{"alg":"HS256","crit":["b64"],"b64":true}',
      '{"alg":"HS256","crit":[]}',
      '{alg',
    ),
  },
);
const payload = fc.oneof(
  { weight: 5, arbitrary: claims.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.constantFrom('[]', '7', 'null', '"x"', '{', '') },
);
/** What happens to a signed token on its way. */
const change = fc.constantFrom<(token: string) => string>(
  (token) => token,
  (token) => token,
  (token) => token,
  (token) => `${token}A`,
  (token) => token.slice(0, -1),
  (token) => `${token}.x`,
  (token) => token.slice(0, token.lastIndexOf('.')),
  (token) => token.replace('.', 'A.'),
  () => '',
  () => '..',
);
const rules = fc.record(
  { issuer: fc.constant('us'), audience: fc.constant('here'), leewaySeconds: fc.constantFrom(0, 60) },
  { requiredKeys: [] },
);

describe('a token with a shared secret', () => {
  it('is taken where jose takes it, with the same claims, and refused where jose refuses it', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(header, payload, change, rules, async (head, body, changed, { leewaySeconds = 0, ...named }) => {
        const token = changed(await signed(head, body));
        const verifier = await jwtVerifier({ secret }, { ...named, leewaySeconds });
        const ours = await verifier.verify(token).catch((error: unknown) => error);
        const theirs = await jwtVerify(token, key, { ...named, clockTolerance: leewaySeconds, algorithms: ['HS256'] })
          .then((result) => result.payload)
          .catch((error: unknown) => error);
        // `b64: true` is the one extension that jose understands: it says what is so anyway, and nobody sends it.
        if (head.includes('b64')) return;
        if (theirs instanceof errors.JOSEError) {
          expect(ours, token).toBeInstanceOf(CredentialsError);
          if (theirs instanceof errors.JWTExpired) expect(ours).toMatchObject({ reason: 'expired' });
        } else {
          taken++;
          expect(ours, token).toEqual(theirs);
        }
      }),
      { numRuns: 1500 },
    );
    expect(taken).toBeGreaterThan(20);
  });

  it('keeps a claim called __proto__ a claim', async () => {
    const verifier = await jwtVerifier({ secret });
    const claims = await verifier.verify(await signed('{"alg":"HS256"}', '{"__proto__":{"role":"admin"}}'));
    expect((claims as { role?: string }).role).toBeUndefined();
  });

  it('is refused with a signature that only looks the same', async () => {
    const verifier = await jwtVerifier({ secret });
    const token = await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256' }).sign(key);
    await verifier.verify(token);
    for (const other of [`${token}=`, `${token} `, `${token}\n`, token.replace(/.$/, (last) => `${last}.`)]) {
      await expect(verifier.verify(other)).rejects.toBeInstanceOf(CredentialsError);
    }
  });
});
