import { defaultMaxDataBytes, defaultMaxPresences } from '@roomcast/falcon-protocol';
import { type Environment, readEnvironment, variables } from '@roomcast/server';

const { integer } = variables;

const own = {
  MAX_DATA_BYTES: integer({ min: 1 }).default(defaultMaxDataBytes),
  MAX_PRESENCES_PER_CONNECTION: integer({ min: 1 }).default(defaultMaxPresences),
};

/** The values of this server's variables, by the variables' names. */
export type FalconEnvironment = Environment<typeof own>;

/** Reads and checks the environment. Throws `EnvironmentError`, one line that names every variable that can't be used. */
export function readFalconEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): FalconEnvironment {
  return readEnvironment({ port: 3000, jwt: true, variables: own, buses: ['redis', 'nats'] }, source);
}
