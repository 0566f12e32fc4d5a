import { type Environment, readEnvironment, variables } from '@roomcast/server';
import { analyticsThrottleMs } from '@roomcast/spywatcher-protocol';

const own = {
  ANALYTICS_THROTTLE_MS: variables.milliseconds({ min: 1 }).default(analyticsThrottleMs),
  DISCORD_BOT_TOKEN: variables.text('the token of a Discord bot').optional(),
};

/** The values of this server's variables, by the variables' names. */
export type SpywatcherEnvironment = Environment<typeof own>;

/** Reads and checks the environment. Throws `EnvironmentError`, one line that names every variable that can't be used. */
export function readSpywatcherEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): SpywatcherEnvironment {
  return readEnvironment({ port: 3001, jwt: true, variables: own, buses: ['redis', 'nats'] }, source);
}
