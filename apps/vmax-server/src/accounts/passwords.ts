import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/**
 * One cost for all, so that checking any password is the same work: 2^15 blocks of 1 KiB, about 0.1 s and 32 MiB. What Go's
 * documentation of scrypt recommends for logins.
 */
const cost = { N: 2 ** 15, r: 8, p: 1 };
const maxMemoryBytes = 64 * 1024 * 1024;
const saltBytes = 16;
const keyBytes = 32;

const prefix = `scrypt$${cost.N}$${cost.r}$${cost.p}$`;
const shape = /^scrypt\$32768\$8\$1\$[\w-]{22}\$[\w-]{43}$/;

/** What `hashPassword` makes, for the texts of errors. */
export const hashExpected = `${prefix}<salt>$<key>, both base64url, as "hash-password" prints it`;

/** Whether a text has the form that `hashPassword` gives. */
export function isPasswordHash(text: string): boolean {
  return shape.test(text);
}

/** A hash to store in place of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const key = await derive(password, salt);
  return `${prefix}${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** Whether a password is the one of a hash. Compares in constant time. */
export async function isPassword(password: string, hash: string): Promise<boolean> {
  const [salt = '', key = ''] = hash.slice(prefix.length).split('$');
  const derived = await derive(password, Buffer.from(salt, 'base64url'));
  const expected = Buffer.from(key, 'base64url');
  return expected.length === derived.length && timingSafeEqual(derived, expected);
}

function derive(password: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // The same letters may be typed in several encodings.
    scrypt(password.normalize('NFKC'), salt, keyBytes, { ...cost, maxmem: maxMemoryBytes }, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}
