import { generateKeyPairSync } from 'node:crypto';
import { jwtCredentials, readEnvironment } from '@roomcast/server';
import { SignJWT } from 'jose';
import { expect, test } from 'vitest';

const withSecret = (letter: string) => readEnvironment({ port: 1 }, { JWT_SECRET: letter.repeat(32) });

test('a token signed with the secret is verified, with its expiry', async () => {
  const { verifier, issue } = await jwtCredentials(withSecret('x'));
  const token = (await issue?.({ sub: 'ann' }, 60)) ?? '';
  const claims = await verifier.verify(token);
  expect(claims.sub).toBe('ann');
  expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(60);
  const expired = (await issue?.({ sub: 'ann' }, -1)) ?? '';
  await expect(verifier.verify(expired)).rejects.toMatchObject({ reason: 'expired' });
  const other = await jwtCredentials(withSecret('y'));
  await expect(other.verifier.verify(token)).rejects.toMatchObject({ reason: 'refused' });
});

test('options reach the verifier', async () => {
  const { verifier, issue } = await jwtCredentials(withSecret('x'), { issuer: 'go-falcon' });
  await expect(verifier.verify((await issue?.({}, 60)) ?? '')).rejects.toMatchObject({ reason: 'refused' });
  expect(await verifier.verify((await issue?.({ iss: 'go-falcon' }, 60)) ?? '')).toMatchObject({ iss: 'go-falcon' });
});

test('with a public key tokens are verified and none are issued', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const JWT_PUBLIC_KEY = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const { verifier, issue } = await jwtCredentials(readEnvironment({ port: 1 }, { JWT_PUBLIC_KEY }));
  expect(issue).toBeUndefined();
  const token = await new SignJWT({ sub: 'ann' }).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey);
  expect(await verifier.verify(token)).toMatchObject({ sub: 'ann' });
});

test('a public key that is none is one line that names its variable', async () => {
  const JWT_PUBLIC_KEY = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----';
  const credentials = jwtCredentials(readEnvironment({ port: 1 }, { JWT_PUBLIC_KEY }));
  await expect(credentials).rejects.toThrow(/^JWT_PUBLIC_KEY: [^\n]*$/);
  await expect(credentials).rejects.toMatchObject({ name: 'EnvironmentError' });
});

test('without a key there is one of its own for each demonstration, and none otherwise', async () => {
  const env = readEnvironment({ port: 1 }, { DEMO: '1' });
  const [one, two] = [await jwtCredentials(env), await jwtCredentials(env)];
  const token = (await one.issue?.({ sub: 'ann' }, 60)) ?? '';
  expect(await one.verifier.verify(token)).toMatchObject({ sub: 'ann' });
  await expect(two.verifier.verify(token)).rejects.toMatchObject({ reason: 'refused' });
  await expect(jwtCredentials(readEnvironment({ port: 1 }, {}))).rejects.toThrow(/^JWT_SECRET: expected/);
});
