import { redact, redactText } from '@roomcast/engine';
import { type DestinationStream, destination, type Logger, type LoggerOptions, pino } from 'pino';

export interface LogOptions {
  /** @default 'info' */
  level?: string;
  /** Added to every line as `service`. */
  service?: string;
  /** Values that must not be in any line, wherever they come from: `secretsOf(environment)`. @default none */
  secrets?: readonly string[];
  /** Where lines go. @default standard output */
  to?: DestinationStream;
}

const censor = '[redacted]';

/** A shorter text would be cut out of words that have nothing to do with it. */
const minSecretLength = 8;

const secretNames = ['token', 'secret', 'password', 'authorization', 'cookie'];

/**
 * A pino logger that writes JSON lines. Credentials are taken out of fields (by name), of texts (by shape) and, for the
 * `secrets` it is told, out of the finished line, so that one that a library puts into its error message is caught too.
 */
export function createLogger({ level = 'info', service, secrets = [], to }: LogOptions = {}): Logger {
  const options: LoggerOptions = {
    level,
    // The fields of child loggers do not pass the formatter.
    redact: { paths: secretNames.flatMap((name) => [name, `*.${name}`]), censor },
    formatters: { log: (fields) => redact(fields) as Record<string, unknown> },
    hooks: {
      logMethod(args, method) {
        const [first, ...rest] = args as unknown[];
        // pino would take an error's message over as it is.
        const full = first instanceof Error ? [{ err: first }, ...(rest.length > 0 ? rest : [first.message])] : args;
        const safe = full.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg));
        method.apply(this, safe as Parameters<typeof method>);
      },
    },
  };
  const logger = pino(options, withoutSecrets(to ?? destination({ dest: 1, sync: true }), secrets));
  return service === undefined ? logger : logger.child({ service });
}

function withoutSecrets(to: DestinationStream, secrets: readonly string[]): DestinationStream {
  const written = secrets
    .filter((secret) => secret.length >= minSecretLength)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  const distinct = [...new Set(written)].sort((a, b) => b.length - a.length);
  if (distinct.length === 0) return to;
  return {
    write(line) {
      to.write(distinct.reduce((text, secret) => text.replaceAll(secret, censor), line));
    },
  };
}
