import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isStaff, roles, userOf } from '../src/index.js';

const claims = {
  sub: 'u-1',
  username: 'one@example.com',
  email: 'one@example.com',
  role: 'Seller',
  exp: 1_800_000_000,
  iat: 1_700_000_000,
  jti: 'a-token-id',
  token_type: 'access',
};

describe('the claims of an access token', () => {
  it('tell the user', () => {
    expect(userOf(claims)).toEqual({
      id: 'u-1',
      username: 'one@example.com',
      role: 'Seller',
      expiresAt: 1_800_000_000_000,
    });
  });

  it.each([
    { sub: undefined },
    { sub: '' },
    { sub: 5 },
    { username: undefined },
    { role: undefined },
    { role: 'admin' },
    { exp: undefined },
    { exp: '1800000000' },
    { token_type: 'refresh' },
    { token_type: undefined },
  ])('are refused with %j', (wrong) => {
    expect(userOf({ ...claims, ...wrong })).toBeUndefined();
  });

  it('may be anything without anything being thrown', () => {
    fc.assert(fc.property(fc.anything(), (value) => void userOf(value)));
  });

  it('make admins and operators the staff', () => {
    expect(roles.filter(isStaff)).toEqual(['Admin', 'Operator']);
  });
});
