import { describe, expect, test } from 'vitest';
import { Logins } from '../src/accounts/logins.js';
import { hashPassword, isPassword, isPasswordHash } from '../src/accounts/passwords.js';
import { RefreshFamilies, type RefreshId } from '../src/accounts/refresh-families.js';
import type { DirectoryUser } from '../src/directory/data.js';

const user: DirectoryUser = {
  id: 'u',
  email: 'somebody@example.com',
  passwordHash: 'the hash of somebody',
  role: 'ADMIN',
  fleetId: null,
  ownedRegulatorIds: [],
  firstName: '',
  lastName: '',
};

describe('a password', () => {
  test('is known by its hash, which is another one each time', async () => {
    const [one, other] = await Promise.all([hashPassword('Password123!'), hashPassword('Password123!')]);
    expect(one).not.toBe(other);
    expect(isPasswordHash(one)).toBe(true);
    expect(await isPassword('Password123!', one)).toBe(true);
    expect(await isPassword('Password123', one)).toBe(false);
    expect(await isPassword('', one)).toBe(false);
  });

  test('may be typed in any of its encodings', async () => {
    expect(await isPassword('cafe\u0301', await hashPassword('caf\u00e9'))).toBe(true);
  });

  test.each(['', 'Password123!', 'scrypt$1$1$1$AAAAAAAAAAAAAAAAAAAAAA$AAAA', `$2b$10$${'a'.repeat(53)}`])(
    'is no hash itself: "%s"',
    (text) => {
      expect(isPasswordHash(text)).toBe(false);
    },
  );
});

describe('a login', () => {
  test('is the same work for a user that is not known, and never succeeds', async () => {
    const checked: string[] = [];
    const logins = new Logins({
      userByEmail: (email) => (email === user.email ? user : undefined),
      isPassword: async (_password, hash) => {
        checked.push(hash);
        return true;
      },
    });
    expect(await logins.check(user.email, 'x')).toBe(user);
    expect(await logins.check('nobody@example.com', 'x')).toBe('wrong');
    expect(checked).toEqual([user.passwordHash, expect.stringMatching(/^scrypt\$/)]);
    expect(isPasswordHash(checked[1] ?? '')).toBe(true);
  });

  test.each([1, 2, 3])('is refused while too many are being checked: the %ith of at most 2', async (count) => {
    let finish = () => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const logins = new Logins({ userByEmail: () => user, maxAtOnce: 2, isPassword: () => held.then(() => true) });
    const results = Array.from({ length: count }, () => logins.check(user.email, 'x'));
    finish();
    const expected = [user, user, 'busy'].slice(0, count);
    expect(await Promise.all(results)).toEqual(expected);
    expect(await logins.check(user.email, 'x')).toBe(user);
  });

  test('that fails for the directory does not keep its place', async () => {
    const logins = new Logins({ userByEmail: () => Promise.reject(new Error('down')), maxAtOnce: 1 });
    await expect(logins.check(user.email, 'x')).rejects.toThrow('down');
    await expect(logins.check(user.email, 'x')).rejects.toThrow('down');
  });
});

describe('refresh tokens', () => {
  function families(options: { maxPerUser?: number } = {}) {
    const time = { now: 0 };
    return { time, families: new RefreshFamilies({ lifetimeSeconds: 100, now: () => time.now, ...options }) };
  }

  function next(from: RefreshFamilies, id: RefreshId): RefreshId {
    const rotation = from.rotate(id);
    if (rotation.kind !== 'rotated') throw new Error(rotation.kind);
    return rotation.next;
  }

  test('are good for a time that begins anew with each', () => {
    const { time, families: all } = families();
    const first = all.start('u');
    time.now = 99_000;
    const second = next(all, first);
    time.now = 198_000;
    const third = next(all, second);
    time.now = 298_000;
    expect(all.rotate(third)).toEqual({ kind: 'unknown' });
  });

  test('are taken over from another instance where they are newer, and count against the same limit', () => {
    const { families: one } = families();
    const { families: other, time } = families({ maxPerUser: 1 });
    const first = one.start('u');
    const before = one.state(first.family);
    const second = next(one, first);
    const after = one.state(first.family);
    if (before === undefined || after === undefined) throw new Error('expected the state of a family');
    other.adopt(after);
    other.adopt(before);
    expect(other.state(first.family)).toEqual(after);
    expect(other.rotate(second).kind).toBe('rotated');
    other.start('u');
    expect([other.size, other.state(first.family)]).toEqual([1, undefined]);
    time.now = 200_000;
    other.adopt(after);
    expect(other.state(first.family)).toBeUndefined();
  });

  test('are unknown where no login made them', () => {
    const { families: all } = families();
    all.start('u');
    expect(all.rotate({ family: 'x', id: 'y' })).toEqual({ kind: 'unknown' });
  });

  test('of a family that is over stay so', () => {
    const { families: all } = families();
    const first = all.start('u');
    const second = next(all, first);
    expect(all.rotate(first)).toEqual({ kind: 'reused', userId: 'u' });
    expect(all.rotate(second)).toEqual({ kind: 'revoked' });
    expect(all.rotate(first)).toEqual({ kind: 'revoked' });
  });

  test.each([2, 3, 4])('of one user are remembered for so many logins: %i, with at most 3', (logins) => {
    const { families: all } = families({ maxPerUser: 3 });
    const ids = Array.from({ length: logins }, () => all.start('u'));
    const other = all.start('v');
    expect(all.rotate(ids[0] as RefreshId).kind).toBe(logins > 3 ? 'unknown' : 'rotated');
    expect(all.rotate(ids.at(-1) as RefreshId).kind).toBe('rotated');
    expect(all.rotate(other).kind).toBe('rotated');
  });

  test('that have expired are forgotten at the next login', () => {
    const { time, families: all } = families();
    for (let login = 0; login < 5; login++) all.start('u');
    time.now = 100_000;
    all.start('u');
    expect(all.size).toBe(1);
  });
});
