import type { Logger } from '@roomcast/engine';
import type { Member } from './member.js';
import type { FleetLookup } from './options.js';

/** Whether a regulator's channel may be subscribed to, and the fleet whose events it is part of, where that is known. */
export interface RegulatorAccess {
  readonly allowed: boolean;
  readonly fleetId: string | undefined;
}

const refused: RegulatorAccess = Object.freeze({ allowed: false, fleetId: undefined });

/** Who may subscribe to what: the table of the protocol, applied to what a token says and the directory knows. */
export class Access {
  constructor(
    readonly lookup: FleetLookup | undefined,
    readonly logger: Logger,
  ) {}

  mayHearFleet({ grant, claims }: Member, fleetId: string): boolean {
    switch (grant.fleet) {
      case 'any':
        return true;
      case 'own':
        return claims.fleetId === fleetId;
      case 'none':
        return false;
    }
  }

  async regulator(member: Member, regulatorId: string): Promise<RegulatorAccess> {
    const { regulator } = member.grant;
    if (regulator === 'none' || (regulator === 'owned' && !member.owns(regulatorId))) return refused;
    const fleetId = await this.fleetOf(regulatorId);
    if (regulator !== 'own-fleet') return { allowed: true, fleetId };
    return fleetId !== undefined && fleetId === member.claims.fleetId ? { allowed: true, fleetId } : refused;
  }

  /**
   * Whether somebody in a regulator's room hears an event that was published for a fleet. A regulator may have moved to
   * another fleet since its room was joined: its manager of before must not hear of it any more.
   */
  hearsRegulatorOf({ grant, claims }: Member, fleetId: string): boolean {
    return grant.regulator !== 'own-fleet' || claims.fleetId === fleetId;
  }

  /** The fleet of a regulator. A directory that fails knows nothing. */
  async fleetOf(regulatorId: string): Promise<string | undefined> {
    try {
      return await this.lookup?.(regulatorId);
    } catch (error) {
      this.logger.error({ err: error }, 'the directory failed: nothing is known of the regulator');
      return undefined;
    }
  }
}
