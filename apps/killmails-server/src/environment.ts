import { defaultCountWindowHours, defaultMaxSystems } from '@roomcast/killmails-protocol';
import { type Environment, readEnvironment, variables } from '@roomcast/server';

/** Long enough for a month, short enough that counts exact to the minute stay small. */
const maxCountWindowHours = 31 * 24;

const { choice, flag, integer, tokens, url, variable } = variables;

const own = {
  KILLMAILS_TOKENS: tokens().optional(),
  KILLMAILS_ANONYMOUS: flag().default(false),
  KILLMAILS_UPSTREAM: choice('r2z2', 'demo', 'none').optional(),
  R2Z2_URL: url('https', 'http').default('https://r2z2.zkillboard.com'),
  ESI_URL: url('https', 'http').default('https://esi.evetech.net'),
  USER_AGENT: userAgent().default('Roomcast-killmails-server (+https://github.com/roomcast/roomcast)'),
  MAX_SYSTEMS: integer({ min: 1 }).default(defaultMaxSystems),
  COUNT_WINDOW_HOURS: integer({ min: 1, max: maxCountWindowHours }).default(defaultCountWindowHours),
};

/** The values of this server's variables, by the variables' names. */
export type KillmailsEnvironment = Environment<typeof own>;

/** Reads and checks the environment. Throws `EnvironmentError`, one line that names every variable that can't be used. */
export function readKillmailsEnvironment(
  source: Readonly<Record<string, string | undefined>> = process.env,
): KillmailsEnvironment {
  return readEnvironment(
    { port: 4004, variables: own, requiredUnlessDemo: ['KILLMAILS_TOKENS'], buses: ['redis', 'nats'] },
    source,
  );
}

function userAgent() {
  const shape = /^[\x21-\x7e][\x20-\x7e]{0,255}$/;
  return variable('visible ASCII characters, at most 256', (value) => (shape.test(value) ? value : undefined));
}
