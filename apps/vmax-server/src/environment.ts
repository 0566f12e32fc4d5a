import { type Environment, readEnvironment, variables } from '@roomcast/server';

const { integer } = variables;

const own = {
  MAX_LOGINS_PER_IP_PER_MINUTE: integer({ min: 1 }).default(100),
  MAX_LOGINS_PER_ACCOUNT_PER_MINUTE: integer({ min: 1 }).default(20),
};

/** The values of this server's variables, by the variables' names. */
export type VmaxEnvironment = Environment<typeof own>;

/** Reads and checks the environment. Throws `EnvironmentError`, one line that names every variable that can't be used. */
export function readVmaxEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): VmaxEnvironment {
  return readEnvironment({ port: 8080, jwt: true, variables: own, buses: ['redis', 'nats'] }, source);
}
