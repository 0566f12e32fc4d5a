import type { DemoIdentity } from '@roomcast/server';
import type { DirectoryUser } from '../directory/data.js';

/** Whom a demonstration can be tried as: the users of the directory. */
export interface VmaxDemoIdentity extends DemoIdentity, Pick<DirectoryUser, 'email' | 'role' | 'fleetId'> {
  readonly name: string;
}

export function demoIdentityOf({ id, email, role, fleetId, firstName, lastName }: DirectoryUser): VmaxDemoIdentity {
  return { id, email, role, fleetId, name: `${firstName} ${lastName}` };
}
