import { RoomcastError } from '@roomcast/engine';

/** What is wrong with one environment variable. */
export interface VariableProblem {
  readonly variable: string;
  /** One line: what was expected and what came. Never holds a secret. */
  readonly message: string;
}

/** Environment variables that can't be used. The message is one line that names each of them. */
export class EnvironmentError extends RoomcastError {
  override name = 'EnvironmentError';

  constructor(
    readonly problems: readonly VariableProblem[],
    options?: ErrorOptions,
  ) {
    super(problems.map(({ variable, message }) => `${variable}: ${message}`).join('; '), options);
  }

  /** The error of a single variable. */
  static of(variable: string, message: string, options?: ErrorOptions): EnvironmentError {
    return new EnvironmentError([{ variable, message }], options);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there already: stop it, or set PORT to another port (0: any free one)',
  EACCES: 'this user may not use that port: set PORT to one above 1023',
  EADDRNOTAVAIL: 'this machine does not have that address: set HOST to one it has',
  ENOTFOUND: 'there is no such host: set HOST to an address of this machine',
};

/** The server can't listen where it should. */
export class ListenError extends RoomcastError {
  override name = 'ListenError';

  constructor(
    readonly host: string,
    readonly port: number,
    cause: NodeJS.ErrnoException,
  ) {
    super(`can't listen on ${host} port ${port}: ${reasons[cause.code ?? ''] ?? cause.message}`, { cause });
  }
}
