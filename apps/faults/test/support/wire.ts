import { SignJWT } from 'jose';
import type { Instance } from './instance.js';

/** Which of a publisher's events it is: numbers grow by one. */
export interface Mark {
  /** The name of the instance it was published on. */
  readonly publisher: string;
  readonly n: number;
}

export interface Listener {
  close(): Promise<void> | void;
}

/** How one of the five protocols carries a mark from the publish API to a client. */
export interface Wire {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  /** Instances fetch from each other what was lost between them: it comes late, and nothing is missing in the end. */
  readonly repairs?: boolean;
  /** The body of a publish request. */
  event(mark: Mark): unknown;
  /** Connects the project's own client. Resolves when what is published from now on will be heard. */
  listen(instance: Instance, heard: (mark: Mark) => void): Promise<Listener>;
}

export const jwtSecret = 'a secret for the tokens of the faults';

export function token(claims: Record<string, unknown>): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(jwtSecret));
}
