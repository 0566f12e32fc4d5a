import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { listen } from '@roomcast/testing';
import {
  exportJWK,
  exportPKCS8,
  exportSPKI,
  generateKeyPair,
  importPKCS8,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CredentialsError, type JwtVerifier, jwtVerifier } from '../src/identity/index.js';
import { EngineOptionsError } from '../src/index.js';

const secret = 'a secret of thirty-two bytes, ok';
const bytes = (text: string) => new TextEncoder().encode(text);
const now = () => Math.floor(Date.now() / 1000);

type SigningKey = Parameters<SignJWT['sign']>[0];

function sign(alg: string, key: SigningKey, claims: JWTPayload = { sub: 'ada' }, header: object = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(key);
}

const hs256 = (claims?: JWTPayload, key = secret) => sign('HS256', bytes(key), claims);

async function refusal(verifier: JwtVerifier, token: string): Promise<CredentialsError> {
  const outcome = await verifier.verify(token).then(
    (claims) => claims,
    (error: unknown) => error,
  );
  if (!(outcome instanceof CredentialsError)) throw new Error(`expected a refusal, got ${JSON.stringify(outcome)}`);
  if (token !== '') expect(outcome.message).not.toContain(token);
  return outcome;
}

const reasonFor = async (verifier: JwtVerifier, token: string) => (await refusal(verifier, token)).reason;

/** A key set on a server of its own, which counts how often it is asked. */
async function keySet(answer: () => { status?: number; body: string }) {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    const { status = 200, body } = answer();
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  });
  const { http, close } = await listen(server);
  onTestFinished(close);
  return { jwksUrl: `${http}/jwks.json`, asked: () => asked, close };
}

describe('a token signed with a shared secret', () => {
  it('is verified and gives its claims', async () => {
    const verifier = await jwtVerifier({ secret });
    expect(await verifier.verify(await hs256({ sub: 'ada', roles: ['captain'] }))).toEqual({
      sub: 'ada',
      roles: ['captain'],
    });
  });

  it('is refused when it is signed with another, cut, changed, or no token at all', async () => {
    const verifier = await jwtVerifier({ secret });
    const token = await hs256();
    const [header, , signature] = token.split('.');
    expect(await reasonFor(verifier, await hs256({ sub: 'ada' }, `${secret}!`))).toBe('refused');
    const forged = Buffer.from('{"sub":"eve"}').toString('base64url');
    expect(await reasonFor(verifier, `${header}.${forged}.${signature}`)).toBe('refused');
    for (const text of [
      '',
      'nonsense',
      'a.b',
      'a.b.c',
      `${header}.`,
      token.slice(0, token.lastIndexOf('.')),
      `${token}.x`,
    ]) {
      expect(['malformed', 'refused']).toContain(await reasonFor(verifier, text));
    }
  });

  it('needs a secret of at least 32 bytes', async () => {
    await expect(jwtVerifier({ secret: secret.slice(1) })).rejects.toMatchObject({
      name: 'EngineOptionsError',
      option: 'secret',
      message: 'secret: expected at least 32 bytes, got 31 bytes',
    });
    await expect(jwtVerifier({ secret: '' })).rejects.toBeInstanceOf(EngineOptionsError);
    // Bytes count, not characters.
    await jwtVerifier({ secret: 'ä'.repeat(16) });
  });
});

describe('a token signed with a private key', () => {
  it.each(['RS256', 'ES256', 'EdDSA'])('is verified with the public one: %s', async (alg) => {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    const verifier = await jwtVerifier({ publicKey: await exportSPKI(publicKey) });
    expect(await verifier.verify(await sign(alg, privateKey))).toEqual({ sub: 'ada' });
    const other = await generateKeyPair(alg);
    expect(await reasonFor(verifier, await sign(alg, other.privateKey))).toBe('refused');
  });

  it('is not confused with one that uses the public key as a secret', async () => {
    for (const alg of ['RS256', 'ES256', 'EdDSA']) {
      const { publicKey } = await generateKeyPair(alg, { extractable: true });
      const pem = await exportSPKI(publicKey);
      const verifier = await jwtVerifier({ publicKey: pem });
      for (const guess of [pem, pem.trim(), pem.replace(/-----.*-----|\n/g, '')]) {
        expect(await reasonFor(verifier, await sign('HS256', bytes(guess)))).toBe('refused');
      }
    }
  });

  it('must have the algorithm of the key: another one of the same key is refused', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
    const verifier = await jwtVerifier({ publicKey: await exportSPKI(publicKey) });
    const pem = await exportPKCS8(privateKey);
    for (const alg of ['RS512', 'PS256']) {
      expect(await reasonFor(verifier, await sign(alg, await importPKCS8(pem, alg)))).toBe('refused');
    }
  });

  it('needs a key that can be used, and says so at once', async () => {
    const weak = await generateKeyPair('RS256', { extractable: true, modulusLength: 2048 });
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
    const p384 = await generateKeyPair('ES384', { extractable: true });
    for (const publicKey of [
      '',
      'nonsense',
      secret,
      String(short.export({ type: 'spki', format: 'pem' })),
      await exportSPKI(p384.publicKey),
      await exportPKCS8(weak.privateKey),
    ]) {
      await expect(jwtVerifier({ publicKey })).rejects.toMatchObject({ option: 'publicKey' });
    }
  });
});

describe('a token without a signature', () => {
  it('is refused whatever the key', async () => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    const unsigned = new UnsecuredJWT({ sub: 'eve' }).encode();
    const [header, payload] = unsigned.split('.');
    for (const verifier of [
      await jwtVerifier({ secret }),
      await jwtVerifier({ publicKey: await exportSPKI(publicKey) }),
    ]) {
      expect(['malformed', 'refused']).toContain(await reasonFor(verifier, unsigned));
      expect(['malformed', 'refused']).toContain(await reasonFor(verifier, `${header}.${payload}.x`));
    }
  });
});

describe('the claims of a token', () => {
  it('say until when it holds', async () => {
    const verifier = await jwtVerifier({ secret });
    expect(await verifier.verify(await hs256({ exp: now() + 60 }))).toMatchObject({ exp: expect.any(Number) });
    expect(await reasonFor(verifier, await hs256({ exp: now() - 1 }))).toBe('expired');
    expect(await reasonFor(verifier, await hs256({ exp: 'tomorrow' as never }))).toBe('refused');
  });

  it('say from when it holds', async () => {
    const verifier = await jwtVerifier({ secret });
    await verifier.verify(await hs256({ nbf: now() - 60 }));
    expect(await reasonFor(verifier, await hs256({ nbf: now() + 60 }))).toBe('not-yet-valid');
  });

  it('may be off by as much as clocks may differ', async () => {
    const verifier = await jwtVerifier({ secret }, { leewaySeconds: 30 });
    await verifier.verify(await hs256({ exp: now() - 20, nbf: now() + 20 }));
    expect(await reasonFor(verifier, await hs256({ exp: now() - 40 }))).toBe('expired');
    expect(await reasonFor(verifier, await hs256({ nbf: now() + 40 }))).toBe('not-yet-valid');
  });

  it('say who issued it and for whom, where that is asked for', async () => {
    const verifier = await jwtVerifier({ secret }, { issuer: 'https://id.example', audience: 'chat' });
    await verifier.verify(await hs256({ iss: 'https://id.example', aud: 'chat' }));
    await verifier.verify(await hs256({ iss: 'https://id.example', aud: ['mail', 'chat'] }));
    for (const claims of [
      {},
      { iss: 'https://id.example' },
      { aud: 'chat' },
      { iss: 'https://evil.example', aud: 'chat' },
      { iss: 'https://id.example', aud: 'mail' },
      { iss: 'https://id.example', aud: [] },
    ]) {
      expect(await reasonFor(verifier, await hs256(claims))).toBe('refused');
    }
  });
});

describe('a key set', () => {
  async function signed(alg: string, kid: string) {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
    return {
      jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
      token: (claims?: JWTPayload) => sign(alg, privateKey, claims, { kid }),
    };
  }

  it('is fetched when the first token comes, and kept', async () => {
    const keys = [await signed('RS256', 'one'), await signed('ES256', 'two'), await signed('EdDSA', 'three')];
    const { jwksUrl, asked } = await keySet(() => ({ body: JSON.stringify({ keys: keys.map(({ jwk }) => jwk) }) }));
    const verifier = await jwtVerifier({ jwksUrl });
    expect(asked()).toBe(0);
    for (const { token } of keys) expect(await verifier.verify(await token())).toEqual({ sub: 'ada' });
    expect(asked()).toBe(1);
  });

  it('does not let a token choose a key of its own or use one as a secret', async () => {
    const known = await signed('RS256', 'one');
    const { jwksUrl } = await keySet(() => ({ body: JSON.stringify({ keys: [known.jwk] }) }));
    const verifier = await jwtVerifier({ jwksUrl });
    const stranger = await signed('RS256', 'one');
    expect(await reasonFor(verifier, await stranger.token())).toBe('refused');
    expect(await reasonFor(verifier, await sign('HS256', bytes(JSON.stringify(known.jwk)), {}, { kid: 'one' }))).toBe(
      'refused',
    );
    expect(await reasonFor(verifier, await (await signed('RS256', 'unknown')).token())).toBe('refused');
  });

  it('that cannot be had is no fault of the token', async () => {
    const { token } = await signed('RS256', 'one');
    const answers = [{ status: 503, body: 'later' }, { status: 404, body: '' }, { body: 'no JSON' }, { body: '{}' }];
    for (const answer of answers) {
      const { jwksUrl } = await keySet(() => answer);
      const error = await refusal(await jwtVerifier({ jwksUrl }), await token());
      expect([answer, error.reason]).toEqual([answer, 'unavailable']);
      expect(error.cause).toBeInstanceOf(Error);
    }
    const { jwksUrl, close } = await keySet(() => ({ body: '{"keys":[]}' }));
    await close();
    expect(await reasonFor(await jwtVerifier({ jwksUrl }), await token())).toBe('unavailable');
  });

  it('is asked for again after it could not be had', async () => {
    const known = await signed('ES256', 'one');
    let up = false;
    const { jwksUrl, asked } = await keySet(() =>
      up ? { body: JSON.stringify({ keys: [known.jwk] }) } : { status: 500, body: '' },
    );
    const verifier = await jwtVerifier({ jwksUrl });
    expect(await reasonFor(verifier, await known.token())).toBe('unavailable');
    up = true;
    expect(await verifier.verify(await known.token())).toEqual({ sub: 'ada' });
    expect(asked()).toBe(2);
  });

  it('needs a URL', async () => {
    await expect(jwtVerifier({ jwksUrl: 'jwks.json' })).rejects.toMatchObject({ option: 'jwksUrl' });
  });
});
