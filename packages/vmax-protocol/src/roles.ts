/** The roles that the `role` claim of a token may name. Any other is known to nobody and may subscribe to nothing. */
export const roles = [
  'ADMIN',
  'SUB_ADMIN',
  'FLEET_MGR',
  'SUB_FLEET_MGR',
  'FLEET_USER',
  'REG_OWNER',
  'ONBOARDING',
  'UNIT_TESTER',
] as const;

export type Role = (typeof roles)[number];

/** What a role may subscribe to. */
export interface Grant {
  /** Fleet channels: any, or that of the `fleetId` claim. */
  readonly fleet: 'any' | 'own' | 'none';
  /** Regulator channels: any, those of regulators in the own fleet, or those that `ownedRegulatorIds` lists. */
  readonly regulator: 'any' | 'own-fleet' | 'owned' | 'none';
  /** Whether the connection begins subscribed to its own fleet. */
  readonly autoSubscribed: boolean;
}

const everything: Grant = { fleet: 'any', regulator: 'any', autoSubscribed: false };
const management: Grant = { fleet: 'own', regulator: 'own-fleet', autoSubscribed: true };
const nothing: Grant = { fleet: 'none', regulator: 'none', autoSubscribed: false };

/** Who may subscribe to what: the one table that the gateway goes by. */
export const accessMatrix: Readonly<Record<Role, Grant>> = Object.freeze({
  ADMIN: everything,
  SUB_ADMIN: everything,
  FLEET_MGR: management,
  SUB_FLEET_MGR: management,
  FLEET_USER: { fleet: 'own', regulator: 'none', autoSubscribed: true },
  REG_OWNER: { fleet: 'none', regulator: 'owned', autoSubscribed: false },
  ONBOARDING: nothing,
  UNIT_TESTER: nothing,
});

/** What a role of a token may subscribe to: nothing where the role is none of `roles`. */
export function grantOf(role: string): Grant {
  return Object.hasOwn(accessMatrix, role) ? accessMatrix[role as Role] : nothing;
}
