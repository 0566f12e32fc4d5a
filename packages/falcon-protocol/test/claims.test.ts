import { describe, expect, it } from 'vitest';
import { isAdmin, userOf } from '../src/index.js';

const good = {
  user_id: 'u-1',
  character_id: 123,
  character_name: 'Name',
  scopes: 'read admin',
  groups: ['g-1'],
  exp: 1000,
  iat: 900,
  iss: 'go-falcon',
};

describe('the claims of a token', () => {
  it('are a user', () => {
    expect(userOf(good)).toEqual({
      userId: 'u-1',
      characterId: 123,
      characterName: 'Name',
      scopes: ['read', 'admin'],
      groups: ['g-1'],
      expiresAt: 1_000_000,
    });
  });

  it.each([
    null,
    'token',
    { ...good, user_id: undefined },
    { ...good, user_id: '' },
    { ...good, user_id: 5 },
    { ...good, user_id: 'x'.repeat(129) },
    { ...good, exp: undefined },
    { ...good, iss: 'another' },
    { ...good, iss: undefined },
  ])('are none: %j', (claims) => expect(userOf(claims)).toBeUndefined());

  it('of another type than they should be grant nothing', () => {
    const user = userOf({ ...good, character_id: '5', character_name: 7, scopes: 5, groups: 'g-1' });
    expect(user).toMatchObject({ characterId: null, characterName: null, scopes: [], groups: [] });
    expect(userOf({ ...good, groups: ['g', 5, ''], scopes: ['a', 5] })).toMatchObject({ groups: ['g'], scopes: ['a'] });
  });

  it.each([
    ['admin', true],
    ['read, admin', true],
    [['read', 'admin'], true],
    ['administrator', false],
    ['Admin', false],
    [[['admin']], false],
    [undefined, false],
  ])('open the administrators’ requests: %j %s', (scopes, opens) => {
    const user = userOf({ ...good, scopes });
    expect(user && isAdmin(user)).toBe(opens);
  });
});
