import * as z from 'zod';
import { EnvironmentError, type VariableProblem } from './errors.js';
import { broker, choice, flag, integer, milliseconds, origins, pem, secret, text, token, url } from './variables.js';

/** The variables that every server has. `README.md` says what each is for. */
const common = {
  HOST: text('an address to listen on').default('127.0.0.1'),
  PORT: integer({ max: 65_535 }),
  JWT_SECRET: secret({ minBytes: 32 }).optional(),
  JWKS_URL: url('https', 'http').optional(),
  JWT_PUBLIC_KEY: pem().optional(),
  PUBLISH_TOKEN: token().optional(),
  ADMIN_TOKEN: token().optional(),
  METRICS_TOKEN: token().optional(),
  ALLOWED_ORIGINS: origins().default(['same-host']),
  TLS_CERT_FILE: text('a path').optional(),
  TLS_KEY_FILE: text('a path').optional(),
  REDIS_URL: broker(
    'redis',
    'rediss',
    'redis+cluster',
    'rediss+cluster',
    'redis+sentinel',
    'rediss+sentinel',
  ).optional(),
  NATS_URL: broker('nats', 'tls').optional(),
  DIRECTORY_FILE: text('a path').optional(),
  DIRECTORY_URL: url('https', 'http').optional(),
  DEMO: flag().default(false),
  STATE_DIR: text('a path').default('.roomcast'),
  LOG_LEVEL: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent').default('info'),
  IDLE_TIMEOUT_MS: milliseconds().optional(),
  PING_INTERVAL_MS: milliseconds().optional(),
  DRAIN_MS: milliseconds({ min: 1 }).default(10_000),
  MAX_FRAME_BYTES: integer({ min: 1 }).optional(),
  MAX_MESSAGES_PER_SECOND: integer().optional(),
  MAX_MESSAGES_PER_MINUTE: integer().optional(),
  MAX_ROOMS_PER_CONNECTION: integer({ min: 1 }).optional(),
  MAX_QUEUED_BYTES: integer({ min: 1 }).optional(),
  MAX_QUEUED_BYTES_TOTAL: integer({ min: 1 }).optional(),
  MAX_CONNECTIONS: integer({ min: 1 }).optional(),
  MAX_CONNECTIONS_PER_IP: integer({ min: 1 }).optional(),
  MAX_CONNECTIONS_PER_IDENTITY: integer({ min: 1 }).optional(),
  MAX_CONNECTS_PER_IP_PER_MINUTE: integer({ min: 1 }).optional(),
  TRUST_PROXY: integer({ max: 100 }).default(0),
};

/** The values of the variables that every server has, by the variables' names. */
export type CommonEnvironment = z.output<z.ZodObject<typeof common>>;

/** The values of a service's variables beside the common ones. */
export type Environment<Own extends z.ZodRawShape> = CommonEnvironment & z.output<z.ZodObject<Own>>;

type OwnName<Own> = Extract<keyof Own, string>;

/** What `readEnvironment` takes. */
export interface EnvironmentOptions<Own extends z.ZodRawShape> {
  /** `PORT` where it is not set. */
  port: number;
  /** The service's own variables: `variables.integer()`, `variables.flag()` …, or any zod schema that takes a text. */
  variables?: Own;
  /** The service verifies JSON Web Tokens: one of the three kinds of key must be set, unless `DEMO=1`. @default false */
  jwt?: boolean;
  /** Own variables that must be set, unless `DEMO=1`. */
  requiredUnlessDemo?: readonly OwnName<Own>[];
  /** The brokers that the program can connect to; the variable of another is refused. @default none */
  buses?: readonly ('redis' | 'nats')[];
}

/**
 * Reads and checks the environment. An empty variable counts as unset. Throws `EnvironmentError`, whose one line names
 * every variable that can't be used.
 */
export function readEnvironment<Own extends z.ZodRawShape = Record<never, never>>(
  options: EnvironmentOptions<Own>,
  source: Readonly<Record<string, string | undefined>> = process.env,
): Environment<Own> {
  const shape = { ...common, PORT: common.PORT.default(options.port), ...options.variables };
  const given = Object.fromEntries(Object.keys(shape).map((name) => [name, source[name] || undefined]));
  const result = z.object(shape).safeParse(given);
  if (!result.success) {
    throw new EnvironmentError(
      result.error.issues.map(({ path, message }) => ({ variable: String(path[0]), message })),
      { cause: result.error },
    );
  }
  // The shape was put together from the two that the type is put together from.
  const environment = result.data as Environment<Own>;
  const problems = [...contradictions(environment, options.buses ?? []), ...missing(environment, options)];
  if (problems.length > 0) throw new EnvironmentError(problems);
  return environment;
}

/** Values that must not be in any log: what is in variables named so, and the passwords in URLs. */
export function secretsOf(environment: Readonly<Record<string, unknown>>): string[] {
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (/TOKEN|SECRET|PASSWORD/.test(name)) {
      for (const entry of Array.isArray(value) ? value : [value]) if (typeof entry === 'string') secrets.push(entry);
    } else if (name.endsWith('_URL') && typeof value === 'string') {
      // Not `URL`: several hosts between commas are none. A name without a password is a token.
      const [, user = '', password = user] = /^[^:]+:\/\/([^:@/]*)(?::([^@/]*))?@/.exec(value) ?? [];
      if (password !== '') secrets.push(password, decoded(password));
    }
  }
  return secrets;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that stands for itself.
    return text;
  }
}

function contradictions(env: CommonEnvironment, buses: readonly string[]): VariableProblem[] {
  const problems: VariableProblem[] = [];
  const refuse = (variable: string, message: string) => problems.push({ variable, message });
  const notBoth = (one: keyof CommonEnvironment, other: keyof CommonEnvironment) => {
    if (env[one] !== undefined && env[other] !== undefined) refuse(other, `expected to be unset beside ${one}`);
  };
  const bothOrNone = (one: keyof CommonEnvironment, other: keyof CommonEnvironment) => {
    if (env[one] !== undefined && env[other] === undefined)
      refuse(other, `expected a value beside ${one}, got nothing`);
  };
  notBoth('JWT_SECRET', 'JWKS_URL');
  notBoth('JWT_SECRET', 'JWT_PUBLIC_KEY');
  notBoth('JWKS_URL', 'JWT_PUBLIC_KEY');
  notBoth('REDIS_URL', 'NATS_URL');
  notBoth('DIRECTORY_FILE', 'DIRECTORY_URL');
  notBoth('MAX_MESSAGES_PER_SECOND', 'MAX_MESSAGES_PER_MINUTE');
  bothOrNone('TLS_CERT_FILE', 'TLS_KEY_FILE');
  bothOrNone('TLS_KEY_FILE', 'TLS_CERT_FILE');
  for (const [variable, bus] of [['REDIS_URL', 'redis'] as const, ['NATS_URL', 'nats'] as const]) {
    if (env[variable] === undefined || buses.includes(bus)) continue;
    refuse(variable, 'expected to be unset: this server can run as a single instance only');
  }
  return problems;
}

function missing<Own extends z.ZodRawShape>(
  env: Environment<Own>,
  { jwt = false, requiredUnlessDemo = [] }: EnvironmentOptions<Own>,
): VariableProblem[] {
  if (env.DEMO) return [];
  const problems: VariableProblem[] = [];
  if (jwt && env.JWT_SECRET === undefined && env.JWKS_URL === undefined && env.JWT_PUBLIC_KEY === undefined) {
    const message = 'expected at least 32 bytes (or JWKS_URL or JWT_PUBLIC_KEY, or DEMO=1 for a demonstration)';
    problems.push({ variable: 'JWT_SECRET', message: `${message}, got nothing` });
  }
  const values: Readonly<Record<string, unknown>> = env;
  for (const variable of requiredUnlessDemo) {
    if (values[variable] !== undefined) continue;
    problems.push({ variable, message: 'expected a value (or DEMO=1 for a demonstration), got nothing' });
  }
  return problems;
}
