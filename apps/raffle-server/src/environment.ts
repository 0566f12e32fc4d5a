import { maxAuthsPerMinute, maxMessagesPerMinuteBeforeAuth } from '@roomcast/raffle-protocol';
import { type CommonEnvironment, readEnvironment, variables } from '@roomcast/server';

const { integer } = variables;

const own = {
  MAX_MESSAGES_BEFORE_AUTH: integer().default(maxMessagesPerMinuteBeforeAuth),
  MAX_AUTHS_PER_MINUTE: integer({ min: 1 }).default(maxAuthsPerMinute),
};

/** The values of this server's variables, by the variables' names. */
export type RaffleEnvironment = CommonEnvironment & {
  MAX_MESSAGES_BEFORE_AUTH: number;
  MAX_AUTHS_PER_MINUTE: number;
};

/** Reads and checks the environment. Throws `EnvironmentError`, one line that names every variable that can't be used. */
export function readRaffleEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): RaffleEnvironment {
  return readEnvironment({ port: 8080, variables: own, jwt: true, buses: ['redis', 'nats'] }, source);
}
