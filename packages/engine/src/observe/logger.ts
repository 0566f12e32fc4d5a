/** Where the engine writes what it notices: pino's call shape, so that a pino logger fits as it is. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const secretName = /token|secret|passw|authorization|cookie|credential|api[-_]?key|private[-_]?key|^(?:auth|jwt|pwd)$/i;
// Names are bounded: a long text must not cost more than reading it a few times.
const secretParameter = /((?:^|[?&;\s])[^=&#;\s]{0,64}?(?:token|secret|passw|auth|key)[^=&#;\s]{0,64}=)[^&#;\s]*/gi;
/** Parsers of JSON quote what they choke on in their messages. */
const secretMember =
  /("[^"]{0,64}?(?:token|secret|passw|authorization|cookie|credential|api[-_]?key)[^"]{0,64}"\s*:\s*")[^"]*/gi;
const urlPassword = /(:\/\/[^\s/:@]*:)[^\s/@]+@/g;
const bearer = /\b(bearer[ .]+|authorization:\s*(?:\w+\s+)?)[^\s"]+/gi;
const jwt = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;
const maxDepth = 5;

/** Takes what looks like a credential out of a text: parameters and passwords of URLs, bearer values, JWTs. */
export function redactText(text: string): string {
  return text
    .replace(secretParameter, '$1[redacted]')
    .replace(secretMember, '$1[redacted]')
    .replace(urlPassword, '$1[redacted]@')
    .replace(bearer, '$1[redacted]')
    .replace(jwt, '[redacted]');
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) {
    return { name: value.name, message: redactText(value.message), stack: redactText(value.stack ?? '') };
  }
  if (depth === 0) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redactValue(item, depth - 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      secretName.test(name) ? '[redacted]' : redactValue(item, depth - 1),
    ]),
  );
}

/** A copy of `fields` without credentials: values of names that tell of one, and what looks like one anywhere. */
export function redact(fields: object): object {
  return redactValue(fields, maxDepth) as object;
}

/** Wraps a logger so that no credential reaches it. The engine does this to the one it is given. */
export function redacting(logger: Logger): Logger {
  return {
    debug: (fields, message) => logger.debug(redact(fields), redactText(message)),
    info: (fields, message) => logger.info(redact(fields), redactText(message)),
    warn: (fields, message) => logger.warn(redact(fields), redactText(message)),
    error: (fields, message) => logger.error(redact(fields), redactText(message)),
  };
}

/** Warnings and errors on standard error: what an application gets that passes no logger of its own. */
export const consoleLogger: Logger = {
  debug() {},
  info() {},
  warn: (fields, message) => console.error(`roomcast: ${message}`, fields),
  error: (fields, message) => console.error(`roomcast: ${message}`, fields),
};

/** Writes nothing. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
