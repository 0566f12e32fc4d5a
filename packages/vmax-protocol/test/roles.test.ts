import { describe, expect, it } from 'vitest';
import { accessMatrix, grantOf, parseClaims, roles } from '../src/index.js';

describe('the access matrix', () => {
  it('is the one of the contract', () => {
    expect(accessMatrix).toEqual({
      ADMIN: { fleet: 'any', regulator: 'any', autoSubscribed: false },
      SUB_ADMIN: { fleet: 'any', regulator: 'any', autoSubscribed: false },
      FLEET_MGR: { fleet: 'own', regulator: 'own-fleet', autoSubscribed: true },
      SUB_FLEET_MGR: { fleet: 'own', regulator: 'own-fleet', autoSubscribed: true },
      FLEET_USER: { fleet: 'own', regulator: 'none', autoSubscribed: true },
      REG_OWNER: { fleet: 'none', regulator: 'owned', autoSubscribed: false },
      ONBOARDING: { fleet: 'none', regulator: 'none', autoSubscribed: false },
      UNIT_TESTER: { fleet: 'none', regulator: 'none', autoSubscribed: false },
    });
    expect(Object.keys(accessMatrix)).toEqual([...roles]);
  });

  it.each(['', 'admin', 'SUPERUSER', 'toString', '__proto__', 'constructor'])('grants nothing to "%s"', (role) => {
    expect(grantOf(role)).toEqual({ fleet: 'none', regulator: 'none', autoSubscribed: false });
  });
});

describe('the claims of a token', () => {
  const claims = {
    sub: 'manager@paintballparadise.com',
    userId: 'user-uuid',
    role: 'FLEET_MGR',
    fleetId: 'fleet-uuid',
    ownedRegulatorIds: ['reg-uuid'],
    token_type: 'access',
    jti: 'x',
    iat: 1,
    exp: 901,
  };

  it('are read', () => {
    expect(parseClaims(claims)).toEqual({
      userId: 'user-uuid',
      role: 'FLEET_MGR',
      fleetId: 'fleet-uuid',
      ownedRegulatorIds: ['reg-uuid'],
      expiresAt: 901_000,
    });
  });

  it('need no token_type, role, fleet, regulators or expiry', () => {
    const bare = { userId: 'u', role: 'UNKNOWN', fleetId: null, ownedRegulatorIds: [] };
    expect(parseClaims({ userId: 'u' })).toEqual(bare);
    expect(parseClaims({ userId: 'u', token_type: null, fleetId: null, ownedRegulatorIds: null })).toEqual(bare);
  });

  it('of another type than they should have grant nothing', () => {
    const odd = { ...claims, role: ['ADMIN'], fleetId: 7, ownedRegulatorIds: [7, '', 'reg', {}] };
    expect(parseClaims(odd)).toMatchObject({ role: 'UNKNOWN', fleetId: null, ownedRegulatorIds: ['reg'] });
    expect(parseClaims({ ...claims, ownedRegulatorIds: 'reg-uuid' })).toMatchObject({ ownedRegulatorIds: [] });
  });

  it.each([
    null,
    5,
    [],
    {},
    { ...claims, userId: undefined },
    { ...claims, userId: '' },
    { ...claims, userId: 5 },
    { ...claims, token_type: 'refresh' },
    { ...claims, token_type: 'id' },
    { ...claims, exp: 'never' },
  ])('are no access token: %j', (payload) => {
    expect(parseClaims(payload)).toBeUndefined();
  });
});
